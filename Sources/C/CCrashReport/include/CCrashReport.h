#ifndef SEXTANT_CCRASHREPORT_H
#define SEXTANT_CCRASHREPORT_H

/// From now on a signal that ends the process because of a fault of the program first writes what happened to standard
/// error: the signal, and where the thread stood, as offsets into the program that `addr2line -e` and
/// `llvm-symbolizer` turn into lines. The process is then gone within milliseconds, by that same signal, so that whoever
/// supervises it sees why and a core is dumped where the system is asked for one.
///
/// It takes the place of the Swift runtime's own handler, which starts a second program that reads this one's memory and
/// symbols for many seconds before the process ends. Where SWIFT_BACKTRACE is set that one stays, for debugging.
///
/// Messages of Swift ("Fatal error: ...") are written before the signal, and so still come first.
void crash_report_install(void);

#endif
