/** What was said, after redaction and cut to what is kept. */
export interface RecordedContent {
  /** The body after redaction; null: it could not be looked through, or is too large for that. */
  readonly request: string | null;
  /** What the model wrote, as text; null: nothing, or it could not be read. */
  readonly reply: string | null;
}
