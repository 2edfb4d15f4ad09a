// Writes references.json: what JavaScript answers for patterns that refer back to their groups, as the vendor's SDK asks
// it (`regexMatches`: without flags but i, on the lower case of the text). Run it with node.

import {writeFileSync} from 'node:fs';

const written = [
  '(a)\\1', '(?<n>a)\\k<n>', '\\1(a)', '(?:(a)|b)\\1', '(?:(a)|b)*\\1', '^(.)(.).?\\2\\1$', '(a*)\\1b', '(a*?)\\1b',
  '\\b(\\w+)\\s+\\1\\b', '^(?:(a)|(b))*\\1$', '(?:(a)|(b)|(c))+\\1', '^(a|ab)(c|bcd)\\1$', '(?=(a+))\\1b', '(?=(a+?))\\1b',
  '(?!(a)b)\\1c', '(?<=(.)\\1)b', '(?<=\\1(.))b', '(?<=(a)(b)\\1)c', '(?<!(.)\\1)b', '((a)\\2)+', '(a\\1)', '(a)(?:\\1){2}',
  '(a)\\1{2}', '(a)\\1*b', '(a)?\\1b', '(a){0}\\1b', '(.)\\1', '([a-c])x\\1x\\1', '(?<q>[\'"]).*?\\k<q>', '^(a+)\\1+$',
  '(Ä)\\1', '(ß)\\1', '(σ)\\1', '(k)\\1', '(\\d{2})-\\1', '(?:(?=(a))b|a)\\1', '((?:a|b)*)c\\1', '(a)|\\1b', '(?:a(b)?)+\\1',
  '(z)((a+)?(b+)?(c))*\\3', '(?=(a*))\\1\\1', '(.*)\\1$', '^(.*)\\1$', '(?<y>\\d{4})-(?<m>\\d\\d)-\\k<m>', '(a)(b)?\\2',
  '(?:(x)|y){2}\\1', '(?:(x)|y){0,3}?\\1', '(?:(a|b)\\1)*c', '(()|a)+\\2b', '(?:(a)??b)*\\1', '\\k<n>(?<n>a)', '(?<n>a)\\k<m>',
  '(?<n>a)\\k', '(?<n>a)\\k<n', '(?<n>a)\\2', '(a)\\2', '((((((((((a))))))))))\\10', '(a)\\10',
];
const texts = [
  '', 'a', 'aa', 'aaa', 'aaaa', 'b', 'ab', 'aab', 'aaab', 'abab', 'abba', 'abcba', 'aba', 'abc', 'abac', 'abca', 'bb', 'bba',
  'the the cat', 'the then', 'x', 'xyx', 'axaxa', 'cxcxc', 'ac', 'acab', 'zaacbbbcac', '"q"', '\'q"', 'ÄÄ', 'Ää', 'ßß', 'σς',
  'kK', 'k\u212a', '10-10', '10-11', '2024-10-10', '2024-10-11', 'abcbcdab', 'ababcabab', 'yxx', 'yyy', 'aac', 'aacbbc',
  'a\u0001', 'a\u0002', 'aak<m>', 'ak', 'ak<n', 'a\b0', 'aa0',
];

// Numbers that are the same on every machine.
let state = 20261127;
function below(limit) {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return Math.floor(state / 4294967296 * limit);
}
const pick = list => list[below(list.length)];

function made(depth, groups) {
  let pattern = '';
  for (let part = 0; part <= below(3); part++) {
    let atom;
    const kind = below(depth > 0 ? 12 : 5);
    if (kind < 2) atom = pick(['a', 'b', 'c']);
    else if (kind === 2) atom = pick(['.', '[ab]', '[^a]', '\\w']);
    else if (kind < 5) atom = groups.count > 0 ? `\\${1 + below(groups.count)}` : 'a';
    else if (kind < 9) {
      groups.count++;
      atom = `(${made(depth - 1, groups)}${below(2) ? '|' + made(depth - 1, groups) : ''})`;
    } else if (kind === 9) atom = `(?:${made(depth - 1, groups)}|${made(depth - 1, groups)})`;
    else atom = `${pick(['(?=', '(?!', '(?<=', '(?<!'])}${made(depth - 1, groups)})`;
    const repeats = atom.startsWith('(?') && !atom.startsWith('(?:') ? 4 : 0;
    pattern += atom + (repeats ? '' : pick(['', '', '', '*', '+', '?', '*?', '+?', '??', '{2}', '{1,2}', '{0,2}?']));
  }
  return pattern;
}

const patterns = [...written];
while (patterns.length < 700) {
  const groups = {count: 0};
  const pattern = made(2, groups) + (groups.count > 0 ? `\\${1 + below(groups.count)}` : '');
  if (pattern.length < 60 && /\\[1-9]/.test(pattern)) patterns.push(pattern);
}

const answers = patterns.map(pattern => {
  let expression;
  try {
    expression = new RegExp(pattern, 'i');
  } catch {
    return 'x';
  }
  return texts.map(text => expression.test(text.toLowerCase()) ? '1' : '0').join('');
});
const place = new URL('references.json', import.meta.url);
writeFileSync(place, JSON.stringify({texts, patterns, answers}) + '\n');
