/** How far the server is trusted to be the right one. Words of libpq. */
export const TLS_MODES = ['disable', 'require', 'verify-ca', 'verify-full'] as const;
export type TlsMode = (typeof TLS_MODES)[number];

/** What a `postgres://` URL says. */
export interface PostgresSettings {
  /** A host, an address, or the directory of a socket. */
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  /** Null: `PGPASSWORD` or a password file has it, or none is needed. */
  readonly password: string | null;
  readonly tls: TlsMode;
  /** Files; null: none is given. */
  readonly rootCert: string | null;
  readonly cert: string | null;
  readonly key: string | null;
  readonly schema: string;
  /** Connections at most, besides two for sessions of their own and two of the audit trail. */
  readonly pool: number;
}

/** Why a store URL is none; never quotes what may be a password. */
export interface StoreUrlProblem {
  readonly problem: string;
  readonly fix: string;
}

const EXAMPLE = 'write postgres://USER:PASSWORD@HOST:5432/DATABASE?sslmode=verify-full';
const SOCKET = 'for a socket write postgres://USER@localhost/DATABASE?host=/var/run/postgresql';
const OPTIONS = ['host', 'sslmode', 'sslrootcert', 'sslcert', 'sslkey', 'schema', 'pool'] as const;
type Option = (typeof OPTIONS)[number];
const DEFAULT_POOL = 8;
const MOST_POOL = 200;

export function isPostgresUrl(store: string): boolean {
  return /^postgres(?:ql)?:\/\//.test(store);
}

export function parsePostgresUrl(text: string): PostgresSettings | StoreUrlProblem {
  const url = URL.parse(text);
  if (url === null || !isPostgresUrl(text))
    return { problem: 'is no URL', fix: `${EXAMPLE}; percent-encode what of the password a URL cannot hold` };
  const options = readOptions(url);
  if ('problem' in options) return options;
  const user = decoded(url.username);
  const password = decoded(url.password);
  const database = decoded(url.pathname.slice(1));
  if (user === null || password === null || database === null)
    return { problem: 'has a % that encodes nothing', fix: 'write %25 for a percent sign' };
  const host = options.host ?? url.hostname.replace(/^\[|\]$/g, '');
  if (host === '') return { problem: 'names no host', fix: `${EXAMPLE}; ${SOCKET}` };
  if (database === '' || database.includes('/')) return { problem: 'names no database', fix: EXAMPLE };
  if (user === '') return { problem: 'names no user', fix: EXAMPLE };
  return {
    host,
    port: url.port === '' ? 5432 : Number(url.port),
    database,
    user,
    password: password === '' ? null : password,
    tls: (options.sslmode as TlsMode | undefined) ?? (isNear(host) ? 'disable' : 'verify-full'),
    rootCert: options.sslrootcert ?? null,
    cert: options.sslcert ?? null,
    key: options.sslkey ?? null,
    schema: options.schema ?? 'sluice',
    pool: Number(options.pool ?? DEFAULT_POOL),
  };
}

/** A store as messages name it. */
export function storeName(store: string): string {
  if (!isPostgresUrl(store)) return store;
  const parsed = parsePostgresUrl(store);
  if ('problem' in parsed) return 'postgres://(not readable)';
  const { user, host, port, database, schema } = parsed;
  return `postgres://${user}@${host}:${port}/${database}, schema ${schema}`;
}

function readOptions({ searchParams }: URL): Partial<Record<Option, string>> | StoreUrlProblem {
  const options: Partial<Record<Option, string>> = {};
  for (const [name, value] of searchParams) {
    if (!isOption(name)) return { problem: `has an unknown option "${name}"`, fix: `use ${OPTIONS.join(', ')}` };
    if (options[name] !== undefined) return { problem: `has the option "${name}" twice`, fix: 'leave one out' };
    const fix = whatFits(name, value);
    if (fix !== null) return { problem: `has an option "${name}" that cannot be used`, fix };
    options[name] = value;
  }
  const { sslcert, sslkey } = options;
  if ((sslcert === undefined) !== (sslkey === undefined))
    return { problem: 'has one of sslcert and sslkey', fix: 'name both files, or none' };
  return options;
}

/** Null: it fits. */
function whatFits(name: Option, value: string): string | null {
  switch (name) {
    case 'sslmode':
      return (TLS_MODES as readonly string[]).includes(value) ? null : `use ${TLS_MODES.join(', ')}`;
    case 'schema':
      return /^[a-z_][a-z0-9_]{0,40}$/.test(value) ? null : 'write a name in lower case: letters, digits and _';
    case 'pool':
      return /^\d+$/.test(value) && Number(value) >= 1 && Number(value) <= MOST_POOL
        ? null
        : `write a whole number from 1 to ${MOST_POOL}`;
    case 'host':
      return value.startsWith('/') ? null : `write it before the database; ${SOCKET}`;
    default:
      return value === '' ? 'name a file' : null;
  }
}

function isOption(name: string): name is Option {
  return (OPTIONS as readonly string[]).includes(name);
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

/** On this machine: nobody listens between. */
function isNear(host: string): boolean {
  return host.startsWith('/') || host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host);
}
