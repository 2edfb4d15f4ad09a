"use strict";

// Search, the box for a key, and what opens an operation that an address names. All that a page says is there without it.

const byId = (id) => document.getElementById(id);

for (const part of document.querySelectorAll(".scripted")) part.hidden = false;

// On a narrow screen the list of pages would hide what was asked for.
const contents = document.querySelector("nav details");
if (matchMedia("(max-width: 50rem)").matches) contents.open = false;

// The server's own address stands in the examples.
for (const place of document.querySelectorAll(".origin")) place.textContent = location.origin;

// ---------------------------------------------------------------- operations

/** Opens the operation that the address names, or that holds what it names. */
function openNamed() {
  // Anchors are plain names: what is not is no anchor.
  const target = byId(location.hash.slice(1));
  if (!target) return;
  for (let around = target; around; around = around.parentElement) {
    if (around.tagName === "DETAILS") around.open = true;
  }
  target.scrollIntoView();
}
addEventListener("hashchange", openNamed);
openNamed();

for (const operation of document.querySelectorAll(".operation")) {
  operation.addEventListener("toggle", () => {
    const name = operation.querySelector(".columns").id;
    // An address to pass on, which leads here.
    if (operation.open && location.hash !== `#${name}`) history.replaceState(null, "", `#${name}`);
  });
}

// ---------------------------------------------------------------- what this tab remembers

function remember(name, value) {
  try {
    if (value) sessionStorage.setItem(name, value);
    else sessionStorage.removeItem(name);
  } catch {
    // Without a store the page forgets; nothing else is missing.
  }
}

function recall(name) {
  try {
    return sessionStorage.getItem(name) ?? "";
  } catch {
    return "";
  }
}

const chosen = byId(`language-${recall("sextant.language")}`);
if (chosen) chosen.checked = true;
for (const choice of document.querySelectorAll("input[name=language]")) {
  choice.addEventListener("change", () => remember("sextant.language", choice.value));
}

// ---------------------------------------------------------------- the key

const keyBox = byId("key");
if (keyBox) {
  const found = (name) =>
    [...document.querySelectorAll(`.${name}`)].map((place) => ({ place, usual: place.textContent }));
  const keys = found("key");
  const sdkKeys = found("sdk-key");
  const store = `sextant.key.${document.body.dataset.interface}`;
  // What stands in quotes of a shell and of a program must not end them.
  const isKey = (text) => /^[A-Za-z0-9_.~:+/=-]*$/.test(text);
  const fill = () => {
    const key = keyBox.value.trim();
    const isUsable = isKey(key);
    byId("key-fault").textContent = isUsable ? "" : "A key has letters, digits and - _ . : only.";
    // Of an SDK key the secret goes into a header, and what stands before it into the address.
    const colon = key.indexOf(":");
    const isSplit = document.body.dataset.interface === "convert-serving";
    const publicPart = !isSplit ? "" : colon < 0 ? key : key.slice(0, colon);
    const secret = !isSplit ? key : colon < 0 ? "" : key.slice(colon + 1);
    for (const { place, usual } of keys) place.textContent = (isUsable && secret) || usual;
    for (const { place, usual } of sdkKeys) place.textContent = (isUsable && publicPart) || usual;
    remember(store, isUsable ? key : "");
  };
  keyBox.value = recall(store);
  keyBox.addEventListener("input", fill);
  fill();
}

// ---------------------------------------------------------------- search

const searchBox = byId("search");
const list = byId("hits");
const mostHits = 30;
let entries = null;
let hits = [];
let selected = -1;

/** Loads what is searched, once, when somebody is about to search. */
async function load() {
  entries ??= fetch("/docs/search.json").then(async (answer) => {
    const all = await answer.json();
    return all.map(([kind, title, path, address, words]) => {
      const head = `${title} ${path}`.toLowerCase();
      return { kind, title, path, address, head, all: `${head} ${words.toLowerCase()}` };
    });
  });
  return entries;
}

/** How well an entry fits: less is better. */
function rank(entry, words) {
  let sum = entry.kind === "schema" ? 3 : 0;
  const title = entry.title.toLowerCase();
  for (const word of words) {
    if (!title.includes(word)) sum += entry.head.includes(word) ? 2 : 4;
    else if (!title.startsWith(word)) sum += 1;
  }
  return sum;
}

async function search() {
  const words = searchBox.value.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return close();
  const all = await load();
  hits = all
    .filter((entry) => words.every((word) => entry.all.includes(word)))
    .map((entry, place) => ({ entry, place, rank: rank(entry, words) }))
    .sort((one, other) => one.rank - other.rank || one.place - other.place)
    .slice(0, mostHits)
    .map((hit) => hit.entry);
  show();
}

function show() {
  list.replaceChildren(...hits.map(row));
  if (hits.length === 0) {
    const none = document.createElement("li");
    none.className = "none";
    none.textContent = "Nothing found";
    list.append(none);
  }
  list.hidden = false;
  searchBox.setAttribute("aria-expanded", "true");
  select(hits.length > 0 ? 0 : -1);
}

function row(entry, place) {
  const item = document.createElement("li");
  item.id = `hit-${place}`;
  item.setAttribute("role", "option");
  const kind = document.createElement("span");
  kind.className = entry.kind === "schema" ? "kind" : `method ${entry.kind.toLowerCase()}`;
  kind.textContent = entry.kind;
  const where = document.createElement("span");
  where.className = "where";
  where.textContent = entry.path;
  item.append(kind, " ", entry.title, where);
  item.addEventListener("mousedown", (event) => event.preventDefault());
  item.addEventListener("click", () => go(place));
  return item;
}

function select(place) {
  selected = place;
  [...list.children].forEach((item, at) => item.setAttribute("aria-selected", String(at === place)));
  if (place >= 0) {
    searchBox.setAttribute("aria-activedescendant", `hit-${place}`);
    list.children[place].scrollIntoView({ block: "nearest" });
  } else {
    searchBox.removeAttribute("aria-activedescendant");
  }
}

function close() {
  hits = [];
  list.hidden = true;
  searchBox.setAttribute("aria-expanded", "false");
  select(-1);
}

function go(place) {
  const { address } = hits[place];
  close();
  searchBox.value = "";
  searchBox.blur();
  location.href = address;
}

searchBox.addEventListener("focus", load);
searchBox.addEventListener("input", search);
searchBox.addEventListener("blur", close);
searchBox.addEventListener("keydown", (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step && hits.length > 0) {
    select((selected + step + hits.length) % hits.length);
  } else if (event.key === "Enter" && selected >= 0) {
    go(selected);
  } else if (event.key === "Escape") {
    searchBox.value = "";
    close();
    searchBox.blur();
  } else {
    return;
  }
  event.preventDefault();
});
addEventListener("keydown", (event) => {
  const isTyping = event.target instanceof HTMLInputElement && event.target.type !== "radio";
  if (event.key !== "/" || isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  searchBox.focus();
  searchBox.select();
});
