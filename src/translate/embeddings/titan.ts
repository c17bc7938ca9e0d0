import { readError } from '../bedrock/errors.ts';
import { malformed } from '../notes.ts';
import { numberOf, objectOf } from '../provider-json.ts';
import { vectorOf, type EmbeddingFormat } from './format.ts';

const TITAN = /(?:^|[./])amazon\.titan-embed-text-v(\d)/;

/** One text a request. @source https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-titan-embed-text.html */
export const titanEmbeddings: EmbeddingFormat = {
  wire: 'titan-embeddings',
  request({ texts, dimensions }, model) {
    const version = TITAN.exec(model)?.[1];
    if (version === undefined)
      throw malformed(
        'model',
        'is no embedding model that /v1/embeddings reaches at Amazon Bedrock: only amazon.titan-embed-text is',
      );
    if (texts.length > 1)
      throw malformed('input', 'holds several texts, and this model takes one a request; send them one by one');
    if (dimensions !== null && version === '1')
      throw malformed('dimensions', 'cannot be chosen with this model; remove it');
    const body = { inputText: texts[0], ...(dimensions === null ? {} : { dimensions }) };
    return { path: `/model/${encodeURIComponent(model)}/invoke`, body };
  },
  readReply(body) {
    const { embedding, inputTextTokenCount } = objectOf(body);
    return { vectors: [vectorOf(embedding)], inputTokens: numberOf(inputTextTokenCount) };
  },
  readError,
};
