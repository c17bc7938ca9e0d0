import { describe, expect, it } from 'vitest';
import { openCheckpoint, signCheckpoint, splitNotes } from '../../src/audit/checkpoint.ts';
import { NoteSigner, NoteVerifier } from '../../src/audit/signed-note.ts';
import { NOON, SIGNER } from './support.ts';

const ROOT = Buffer.alloc(32, 3);

/** Each bit of a text turned in turn. */
function* bent(text: string): Generator<string> {
  const bytes = Buffer.from(text, 'utf8');
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const copy = Buffer.from(bytes);
    copy[bit >> 3]! ^= 1 << (bit & 7);
    yield copy.toString('utf8');
  }
}

describe('a signed note', () => {
  it('of the specification is opened by the key of the specification', () => {
    // @source https://c2sp.org/signed-note, as in the tests of golang.org/x/mod/sumdb/note
    const verifier = NoteVerifier.parse('PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW');
    const text =
      "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
    const signature = 'x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=';
    const note = `${text}\n\u2014 PeterNeumann ${signature}\n`;
    expect(verifier.open(note)).toBe(text);
    expect(verifier.text).toBe('PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW');
  });

  it('is not opened where any bit of it is another', () => {
    const note = signCheckpoint(SIGNER, 12, ROOT, NOON);
    expect(SIGNER.verifier.open(note)).not.toBeNull();
    for (const changed of bent(note)) expect(SIGNER.verifier.open(changed)).toBeNull();
  });

  it('is not opened by another key, nor by one of another name', () => {
    const note = signCheckpoint(SIGNER, 12, ROOT, NOON);
    expect(openCheckpoint(new NoteSigner(Buffer.alloc(32, 8), 'test').verifier, note)).toBeNull();
    expect(openCheckpoint(new NoteSigner(Buffer.alloc(32, 7), 'other').verifier, note)).toBeNull();
  });

  it('says what was signed', () => {
    const note = signCheckpoint(SIGNER, 12, ROOT, NOON);
    expect(openCheckpoint(SIGNER.verifier, note)).toEqual({ size: 12, root: ROOT, at: '2026-01-31T12:00:00.000Z' });
    expect(note.split('\n').slice(0, 4)).toEqual([
      SIGNER.verifier.name,
      '12',
      ROOT.toString('base64'),
      'time 2026-01-31T12:00:00.000Z',
    ]);
  });

  it('is found among others in a file, however many empty lines stand between', () => {
    const notes = [1, 2, 3].map((size) => signCheckpoint(SIGNER, size, ROOT, NOON));
    expect(splitNotes(notes.join('\n'))).toEqual(notes);
    expect(splitNotes(`\n\n${notes.join('\n\n\n')}\n`)).toEqual(notes);
    expect(splitNotes(notes.join('').replaceAll('\n', '\r\n'))).toEqual(notes);
    expect(splitNotes(`${notes[0]}\nno note`)).toEqual([notes[0], 'no note']);
  });
});

describe('a verifier key', () => {
  it.each(['', 'name', 'name+00000000+AAAA', 'PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW'])(
    'of another form is refused: %o',
    (text) => expect(() => NoteVerifier.parse(text)).toThrow(/it is not|its id/),
  );

  it('is read as it was written', () => {
    expect(NoteVerifier.parse(SIGNER.verifier.text).id).toEqual(SIGNER.verifier.id);
  });
});
