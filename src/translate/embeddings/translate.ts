import type { JsonValue } from '../../core/rollout.ts';
import type {
  ByteTranslation,
  OpenTranslation,
  TranslatedError,
  TranslatedRequest,
  Translation,
} from '../../core/translation.ts';
import { malformed } from '../notes.ts';
import { writeError } from '../openai/errors.ts';
import { objectOf } from '../provider-json.ts';
import type { EmbeddingFormat, EmbeddingRequest, Embeddings } from './format.ts';

interface Asked extends EmbeddingRequest {
  readonly isBase64: boolean;
  readonly approximated: readonly string[];
}

/** OpenAI's embeddings, at vendors that have them in another form. @source https://platform.openai.com/docs/api-reference/embeddings */
export function embeddingTranslation(format: EmbeddingFormat): Translation {
  return {
    name: `embeddings-${format.wire.slice(0, format.wire.indexOf('-'))}`,
    open(body, model) {
      const asked = readRequest(body);
      const { path, body: written } = format.request(asked, model);
      const request = { path, body: JSON.stringify(written), approximated: asked.approximated };
      return new EmbeddingExchange(format, asked, model, request);
    },
  };
}

class EmbeddingExchange implements OpenTranslation {
  hasUsage = false;
  readonly request: TranslatedRequest;
  private readonly format: EmbeddingFormat;
  private readonly asked: Asked;
  private readonly model: string;

  constructor(format: EmbeddingFormat, asked: Asked, model: string, request: TranslatedRequest) {
    this.format = format;
    this.asked = asked;
    this.model = model;
    this.request = request;
  }

  isStream(): boolean {
    return false;
  }

  reply(body: string): string {
    const embeddings = this.format.readReply(JSON.parse(body) as JsonValue);
    if (embeddings.vectors.length !== this.asked.texts.length)
      throw new Error('The reply holds another number of vectors.');
    this.hasUsage = embeddings.inputTokens !== null;
    return JSON.stringify(written(embeddings, this.asked, this.model));
  }

  error(status: number, body: string): TranslatedError {
    const error = this.format.readError(status, body);
    const { retryAfter = null } = error;
    return { status: error.status, body: JSON.stringify(writeError(error)), retryAfter };
  }

  /** There are no streams of vectors. */
  openStream(): ByteTranslation {
    throw new Error('A stream came where vectors were asked for.');
  }

  items(): readonly [] {
    return [];
  }
}

function written({ vectors, inputTokens }: Embeddings, { isBase64, dimensions }: Asked, model: string): unknown {
  const data = vectors.map((vector, index) => {
    const told = dimensions === null ? vector : normalised(vector);
    return { object: 'embedding', index, embedding: isBase64 ? base64(told) : told };
  });
  const tokens = inputTokens ?? 0;
  return { object: 'list', data, model, usage: { prompt_tokens: tokens, total_tokens: tokens } };
}

/** OpenAI's vectors have length 1, however many dimensions are asked for; what others cut off has not. */
function normalised(vector: readonly number[]): readonly number[] {
  const length = Math.hypot(...vector);
  return length === 0 ? vector : vector.map((value) => value / length);
}

/** Floats of 32 bits, little-endian. */
function base64(vector: readonly number[]): string {
  const bytes = Buffer.alloc(vector.length * 4);
  for (const [index, value] of vector.entries()) bytes.writeFloatLE(value, index * 4);
  return bytes.toString('base64');
}

/** @throws GatewayError `invalid_request` */
function readRequest(body: unknown): Asked {
  const { model: _model, input, dimensions = null, encoding_format: encoding = null, user, ...rest } = objectOf(body);
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined)
    throw malformed(unknown, 'is no field of embeddings that the provider of this model has; remove it');
  if (encoding !== null && encoding !== 'float' && encoding !== 'base64')
    throw malformed('encoding_format', 'must be "float" or "base64"');
  return {
    texts: textsOf(input ?? null),
    dimensions: dimensionsOf(dimensions),
    isBase64: encoding === 'base64',
    approximated: user === undefined ? [] : ['user'],
  };
}

function textsOf(input: JsonValue): readonly string[] {
  const texts = typeof input === 'string' ? [input] : input;
  if (!Array.isArray(texts) || texts.length === 0) throw malformed('input', 'must be a text or a list of texts');
  for (const [index, text] of texts.entries()) {
    if (typeof text === 'number' || Array.isArray(text))
      throw malformed('input', "holds tokens of OpenAI's, which the provider of this model cannot read; send texts");
    if (typeof text !== 'string' || text === '') throw malformed(`input[${index}]`, 'must be a text that is not empty');
  }
  return texts as readonly string[];
}

function dimensionsOf(value: JsonValue): number | null {
  if (value === null) return null;
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 1)
    throw malformed('dimensions', 'must be a whole number above 0');
  return value;
}
