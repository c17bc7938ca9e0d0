import { lookup as dnsLookup, type LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { forbiddenAddress } from './address.ts';

/**
 * Checks what a name resolves to at every connect, so that a name which turns to a metadata service after the
 * configuration was checked (DNS rebinding) is refused.
 */
export function guardedLookup(allowed: readonly string[]): LookupFunction {
  return (hostname, options, callback) => {
    dnsLookup(hostname, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
      if (error !== null) {
        callback(error, []);
        return;
      }
      const usable = addresses.filter(({ address }) => forbiddenAddress(address, allowed) === null);
      const first = usable[0];
      if (first === undefined) callback(new Error(`${hostname} resolves to addresses that are not allowed`), []);
      else if (options.all === true) callback(null, usable);
      else callback(null, first.address, first.family);
    });
  };
}
