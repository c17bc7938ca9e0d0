/** Of a field: its name in JSON, how it is written, and whether there may be several. */
type Field = readonly [name: string, kind: Kind | string, repeated?: 'several' | 'packed'];
type Kind = 'text' | 'hex' | 'varint' | 'bool' | 'fixed64' | 'fixed32' | 'double';

/**
 * Messages by their field numbers, @source opentelemetry-proto 1.x: trace.proto, metrics.proto, common.proto, resource.proto. Written down
 * here by hand, as nothing of what is tried may say how it is read.
 */
const MESSAGES: Readonly<Record<string, Readonly<Record<number, Field>>>> = {
  TraceRequest: { 1: ['resourceSpans', 'ResourceSpans', 'several'] },
  ResourceSpans: { 1: ['resource', 'Resource'], 2: ['scopeSpans', 'ScopeSpans', 'several'], 3: ['schemaUrl', 'text'] },
  ScopeSpans: { 1: ['scope', 'Scope'], 2: ['spans', 'Span', 'several'], 3: ['schemaUrl', 'text'] },
  Span: {
    1: ['traceId', 'hex'],
    2: ['spanId', 'hex'],
    3: ['traceState', 'text'],
    4: ['parentSpanId', 'hex'],
    5: ['name', 'text'],
    6: ['kind', 'varint'],
    7: ['startTimeUnixNano', 'fixed64'],
    8: ['endTimeUnixNano', 'fixed64'],
    9: ['attributes', 'KeyValue', 'several'],
    10: ['droppedAttributesCount', 'varint'],
    11: ['events', 'Event', 'several'],
    12: ['droppedEventsCount', 'varint'],
    13: ['links', 'Link', 'several'],
    14: ['droppedLinksCount', 'varint'],
    15: ['status', 'Status'],
    16: ['flags', 'fixed32'],
  },
  Event: {
    1: ['timeUnixNano', 'fixed64'],
    2: ['name', 'text'],
    3: ['attributes', 'KeyValue', 'several'],
    4: ['droppedAttributesCount', 'varint'],
  },
  Link: {
    1: ['traceId', 'hex'],
    2: ['spanId', 'hex'],
    3: ['traceState', 'text'],
    4: ['attributes', 'KeyValue', 'several'],
    5: ['droppedAttributesCount', 'varint'],
    6: ['flags', 'fixed32'],
  },
  Status: { 2: ['message', 'text'], 3: ['code', 'varint'] },
  MetricsRequest: { 1: ['resourceMetrics', 'ResourceMetrics', 'several'] },
  ResourceMetrics: {
    1: ['resource', 'Resource'],
    2: ['scopeMetrics', 'ScopeMetrics', 'several'],
    3: ['schemaUrl', 'text'],
  },
  ScopeMetrics: { 1: ['scope', 'Scope'], 2: ['metrics', 'Metric', 'several'], 3: ['schemaUrl', 'text'] },
  Metric: {
    1: ['name', 'text'],
    2: ['description', 'text'],
    3: ['unit', 'text'],
    5: ['gauge', 'Gauge'],
    7: ['sum', 'Sum'],
    9: ['histogram', 'Histogram'],
  },
  Gauge: { 1: ['dataPoints', 'NumberPoint', 'several'] },
  Sum: {
    1: ['dataPoints', 'NumberPoint', 'several'],
    2: ['aggregationTemporality', 'varint'],
    3: ['isMonotonic', 'bool'],
  },
  Histogram: { 1: ['dataPoints', 'HistogramPoint', 'several'], 2: ['aggregationTemporality', 'varint'] },
  NumberPoint: {
    2: ['startTimeUnixNano', 'fixed64'],
    3: ['timeUnixNano', 'fixed64'],
    4: ['asDouble', 'double'],
    5: ['exemplars', 'Exemplar', 'several'],
    6: ['asInt', 'fixed64'],
    7: ['attributes', 'KeyValue', 'several'],
  },
  HistogramPoint: {
    2: ['startTimeUnixNano', 'fixed64'],
    3: ['timeUnixNano', 'fixed64'],
    4: ['count', 'fixed64'],
    5: ['sum', 'double'],
    6: ['bucketCounts', 'fixed64', 'packed'],
    7: ['explicitBounds', 'double', 'packed'],
    8: ['exemplars', 'Exemplar', 'several'],
    9: ['attributes', 'KeyValue', 'several'],
  },
  Exemplar: {
    2: ['timeUnixNano', 'fixed64'],
    3: ['asDouble', 'double'],
    4: ['spanId', 'hex'],
    5: ['traceId', 'hex'],
  },
  Resource: { 1: ['attributes', 'KeyValue', 'several'], 2: ['droppedAttributesCount', 'varint'] },
  Scope: { 1: ['name', 'text'], 2: ['version', 'text'], 3: ['attributes', 'KeyValue', 'several'] },
  KeyValue: { 1: ['key', 'text'], 2: ['value', 'AnyValue'] },
  AnyValue: {
    1: ['stringValue', 'text'],
    2: ['boolValue', 'bool'],
    3: ['intValue', 'varint'],
    4: ['doubleValue', 'double'],
    5: ['arrayValue', 'ArrayValue'],
  },
  ArrayValue: { 1: ['values', 'AnyValue', 'several'] },
};

/** Wire types. @source the encoding of Protocol Buffers */
const WIRES: Readonly<Record<Kind, number>> = {
  varint: 0,
  bool: 0,
  fixed64: 1,
  double: 1,
  text: 2,
  hex: 2,
  fixed32: 5,
};
const LENGTH = 2;

/** As the same request is in JSON. @throws where a field is not one of the protocol, or not written as it should be */
export function decodeProtobuf(bytes: Buffer, message: 'TraceRequest' | 'MetricsRequest'): object {
  return decode(new Reader(bytes), message);
}

/** `partial_success` of a reply. */
export function encodePartialSuccess(rejected: number, message: string): Buffer {
  const text = Buffer.from(message);
  const inner = Buffer.concat([Buffer.from([0x08]), varint(rejected), Buffer.from([0x12]), varint(text.length), text]);
  return Buffer.concat([Buffer.from([0x0a]), varint(inner.length), inner]);
}

function decode(reader: Reader, message: string): object {
  const fields = MESSAGES[message]!;
  const decoded: Record<string, unknown> = {};
  while (!reader.isAtEnd) {
    const tag = Number(reader.varint());
    const [number, wire] = [tag >>> 3, tag & 7];
    const field = fields[number];
    if (field === undefined) throw new Error(`${message} has no field ${number}`);
    const [name, kind, repeated] = field;
    const isScalar = kind in WIRES;
    if (wire !== (isScalar && repeated !== 'packed' ? WIRES[kind as Kind] : LENGTH))
      throw new Error(`${message}.${name} is written with wire type ${wire}`);
    if (repeated === 'packed') decoded[name] = unpacked(reader.part(), kind as Kind);
    else if (repeated === 'several')
      ((decoded[name] ??= []) as unknown[]).push(isScalar ? reader.scalar(kind as Kind) : decode(reader.part(), kind));
    else decoded[name] = isScalar ? reader.scalar(kind as Kind) : decode(reader.part(), kind);
  }
  return decoded;
}

function unpacked(reader: Reader, kind: Kind): unknown[] {
  const values: unknown[] = [];
  while (!reader.isAtEnd) values.push(reader.scalar(kind));
  return values;
}

class Reader {
  private readonly bytes: Buffer;
  private at = 0;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.at >= this.bytes.length;
  }

  varint(): bigint {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = this.bytes.readUInt8(this.at++);
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asIntN(64, value);
    }
  }

  part(): Reader {
    return new Reader(this.take(Number(this.varint())));
  }

  scalar(kind: Kind): unknown {
    if (kind === 'varint') return Number(this.varint());
    if (kind === 'bool') return this.varint() === 1n;
    if (kind === 'double') return this.take(8).readDoubleLE();
    if (kind === 'fixed64') return String(this.take(8).readBigUInt64LE());
    if (kind === 'fixed32') return this.take(4).readUInt32LE();
    return this.take(Number(this.varint())).toString(kind === 'hex' ? 'hex' : 'utf8');
  }

  private take(length: number): Buffer {
    if (this.at + length > this.bytes.length) throw new Error('the message ends too early');
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7f; rest = Math.floor(rest / 0x80)) bytes.push((rest & 0x7f) | 0x80);
  return Buffer.from([...bytes, rest]);
}
