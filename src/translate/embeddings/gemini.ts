import { readError } from '../gemini/errors.ts';
import { listOf, numberOf, objectOf } from '../provider-json.ts';
import { vectorOf, type EmbeddingFormat } from './format.ts';

const nameOf = (model: string): string => model.replace(/^(?:publishers\/google\/)?(?:google\/|models\/)/, '');

/** @source https://ai.google.dev/api/embeddings#method:-models.batchembedcontents */
export const geminiEmbeddings: EmbeddingFormat = {
  wire: 'gemini-embeddings',
  request({ texts, dimensions }, model) {
    const name = nameOf(model);
    const size = dimensions === null ? {} : { outputDimensionality: dimensions };
    const requests = texts.map((text) => ({ model: `models/${name}`, content: { parts: [{ text }] }, ...size }));
    return { path: `/v1beta/models/${encodeURIComponent(name)}:batchEmbedContents`, body: { requests } };
  },
  readReply(body) {
    const { embeddings, usageMetadata } = objectOf(body);
    const vectors = listOf(embeddings).map((each) => vectorOf(objectOf(each)['values']));
    return { vectors, inputTokens: numberOf(objectOf(usageMetadata)['promptTokenCount']) };
  },
  readError,
};

/** @source https://cloud.google.com/vertex-ai/generative-ai/docs/model-reference/text-embeddings-api */
export const vertexEmbeddings: EmbeddingFormat = {
  wire: 'vertex-embeddings',
  request({ texts, dimensions }, model) {
    const parameters = dimensions === null ? {} : { parameters: { outputDimensionality: dimensions } };
    const body = { instances: texts.map((content) => ({ content })), ...parameters };
    return { path: `/v1beta/models/${encodeURIComponent(nameOf(model))}:predict`, body };
  },
  readReply(body) {
    const told = listOf(objectOf(body)['predictions']).map((each) => objectOf(objectOf(each)['embeddings']));
    const counts = told.map(({ statistics }) => numberOf(objectOf(statistics)['token_count']));
    const isTold = counts.every((count) => count !== null);
    return {
      vectors: told.map(({ values }) => vectorOf(values)),
      inputTokens: isTold ? counts.reduce((sum, count) => sum + count, 0) : null,
    };
  },
  readError,
};
