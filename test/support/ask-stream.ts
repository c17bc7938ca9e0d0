/** One streamed request of the model `m` for ten tokens at most, read to its end. @returns its status */
export async function askStream({ url }: { readonly url: string }, secret: string): Promise<number> {
  const reply = await fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      model: 'm',
      stream: true,
      max_tokens: 10,
      messages: [{ role: 'user', content: 'Where is the river?' }],
    }),
  });
  await reply.text();
  return reply.status;
}
