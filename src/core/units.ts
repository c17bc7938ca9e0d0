/** A span of time or a monotonic instant, in milliseconds. */
export type Milliseconds = number;
/** Seconds since the Unix epoch or a span of seconds, as metrics and logs carry them. */
export type Seconds = number;
/** 0 to 100. */
export type Percent = number;
/** UTF-16 code units, the unit of `String.prototype.length`. */
export type Chars = number;
export type Bytes = number;
