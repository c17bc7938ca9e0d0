import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parsePostgresUrl, storeName } from '../../src/core/store-url.ts';

describe('the URL of a store on Postgres', () => {
  it('says all that is needed to connect, and what it leaves out has a default', () => {
    expect(parsePostgresUrl('postgres://us:p%40ss@db.example/d')).toEqual({
      host: 'db.example',
      port: 5432,
      database: 'd',
      user: 'us',
      password: 'p@ss',
      tls: 'verify-full',
      rootCert: null,
      cert: null,
      key: null,
      schema: 'sluice',
      pool: 8,
    });
  });

  it.each([
    ['localhost', 'disable'],
    ['127.0.0.1:6000', 'disable'],
    ['[::1]', 'disable'],
    ['10.0.0.7', 'verify-full'],
    ['[2001:db8::1]', 'verify-full'],
  ])('asks for TLS wherever somebody may listen: %s', (host, tls) => {
    expect(parsePostgresUrl(`postgresql://u@${host}/d`)).toMatchObject({ tls });
  });

  it('names the directory of a socket as its host', () => {
    expect(
      parsePostgresUrl('postgres://u@localhost/d?host=/var/run/postgresql&schema=apps&sslmode=require'),
    ).toMatchObject({
      host: '/var/run/postgresql',
      schema: 'apps',
      tls: 'require',
    });
  });

  it('is named without its password, whatever that is', () => {
    expect(storeName('postgres://u:hush@h:1/d')).toBe('postgres://u@h:1/d, schema sluice');
    expect(storeName('sqlite:./a.db')).toBe('sqlite:./a.db');
    const passwords = fc.string({ unit: 'binary', minLength: 6 }).map((text) => `hush${text}`);
    fc.assert(
      fc.property(passwords, fc.boolean(), (password, isEncoded) => {
        const url = `postgres://u:${isEncoded ? encodeURIComponent(password.toWellFormed()) : password}@h/d`;
        expect(storeName(url)).not.toContain('hush');
        expect(JSON.stringify(parsePostgresUrl(url))).toSatisfy(
          (told: string) => !told.includes('problem') || !told.includes('hush'),
        );
      }),
      { seed: 41 },
    );
  });
});
