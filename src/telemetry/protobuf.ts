/** How a field's value is written. `bytes` are hexadecimal digits, as in OTLP's JSON; `fixed64` a number or its digits. */
type Scalar = 'text' | 'bytes' | 'fixed64' | 'double' | 'varint' | 'bool';

/** Of a message in OTLP's JSON: its fields by name, number and kind; `packed`: a list of numbers in one piece. */
export type MessageType = readonly Field[];
type Field = readonly [name: string, number: number, kind: Scalar | MessageType, packed?: 'packed'];

type Message = Readonly<Record<string, unknown>>;

const VARINT = 0;
const FIXED64 = 1;
const LENGTH = 2;
const FIRST_SIZE = 64 * 1024;
const TWO_TO_32 = 2 ** 32;
const SHORT = 64;

/** A message in the form of Protocol Buffers. What is undefined is left out. @source protobuf.dev, "Encoding" */
export function encodeProtobuf(message: object, type: MessageType): Uint8Array {
  const writer = new BackwardWriter();
  writer.message(message as Message, type);
  return writer.written();
}

/**
 * Writes from the end to the beginning: the length of a message is known when what is in it has been written, and nothing is
 * measured or copied for it.
 */
class BackwardWriter {
  private buffer = Buffer.allocUnsafe(FIRST_SIZE);
  private at = FIRST_SIZE;

  written(): Uint8Array {
    return this.buffer.subarray(this.at);
  }

  message(message: Message, type: MessageType): void {
    for (let index = type.length - 1; index >= 0; index--) {
      const field = type[index]!;
      const value = message[field[0]];
      if (value !== undefined) this.field(value, field);
    }
  }

  private field(value: unknown, [, number, kind, packed]: Field): void {
    if (packed !== undefined) this.packed(value as readonly unknown[], number, kind as Scalar);
    else if (!Array.isArray(value)) this.one(value, number, kind);
    else for (let index = value.length - 1; index >= 0; index--) this.one(value[index], number, kind);
  }

  private packed(values: readonly unknown[], number: number, kind: Scalar): void {
    const end = this.end();
    for (let index = values.length - 1; index >= 0; index--) this.scalar(values[index], kind);
    this.lengthFrom(end, number);
  }

  private one(value: unknown, number: number, kind: Scalar | MessageType): void {
    if (typeof kind === 'string' && kind !== 'text' && kind !== 'bytes') {
      this.scalar(value, kind);
      this.varint((number << 3) | (kind === 'fixed64' || kind === 'double' ? FIXED64 : VARINT));
      return;
    }
    const end = this.end();
    if (typeof kind === 'string') this.text(value as string, kind === 'text' ? 'utf8' : 'hex');
    else this.message(value as Message, kind);
    this.lengthFrom(end, number);
  }

  private scalar(value: unknown, kind: Scalar): void {
    if (kind === 'varint' || kind === 'bool') return this.varint(Number(value));
    const at = this.take(8);
    if (kind === 'double') this.buffer.writeDoubleLE(Number(value), at);
    else if (typeof value === 'string') this.buffer.writeBigUInt64LE(BigInt(value), at);
    else {
      this.buffer.writeUInt32LE((value as number) % TWO_TO_32, at);
      this.buffer.writeUInt32LE(Math.floor((value as number) / TWO_TO_32), at + 4);
    }
  }

  private text(text: string, encoding: 'utf8' | 'hex'): void {
    if (encoding === 'utf8' && text.length <= SHORT && this.shortText(text)) return;
    const at = this.take(Buffer.byteLength(text, encoding));
    this.buffer.write(text, at, encoding);
  }

  /** Most texts are names of labels: a call into the runtime for each would take longer. @returns false: it is not ASCII */
  private shortText(text: string): boolean {
    const at = this.take(text.length);
    for (let index = 0; index < text.length; index++) {
      const code = text.charCodeAt(index);
      if (code > 0x7f) {
        this.at += text.length;
        return false;
      }
      this.buffer[at + index] = code;
    }
    return true;
  }

  /** @param value not negative */
  private varint(value: number): void {
    let length = 1;
    for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) length++;
    const at = this.take(length);
    let rest = value;
    for (let index = 0; index < length - 1; index++, rest = Math.floor(rest / 0x80))
      this.buffer[at + index] = (rest % 0x80) | 0x80;
    this.buffer[at + length - 1] = rest;
  }

  private lengthFrom(end: number, number: number): void {
    this.varint(this.end() - end);
    this.varint((number << 3) | LENGTH);
  }

  /** Bytes that are written. */
  private end(): number {
    return this.buffer.length - this.at;
  }

  /** @returns where so many bytes are to be written; may be in another buffer than before */
  private take(length: number): number {
    while (this.at < length) {
      const larger = Buffer.allocUnsafe(this.buffer.length * 2);
      this.buffer.copy(larger, larger.length - this.end(), this.at);
      this.at += larger.length - this.buffer.length;
      this.buffer = larger;
    }
    this.at -= length;
    return this.at;
  }
}
