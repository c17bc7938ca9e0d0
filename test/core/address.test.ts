import { describe, expect, it } from 'vitest';
import { canonicalAddress, forbiddenAddress } from '../../src/core/address.ts';

describe('a forbidden address', () => {
  it.each([
    '169.254.169.254',
    '169.254.0.1',
    '169.254.170.2',
    '100.100.100.200',
    '168.63.129.16',
    '192.0.0.192',
    'fe80::1',
    'FE80::1%eth0',
    'febf::1',
    'fd00:ec2::254',
    'fd00:0ec2:0:0:0:0:0:254',
    'fd20:ce::254',
    '::ffff:169.254.169.254',
    '::ffff:a9fe:a9fe',
    '0:0:0:0:0:ffff:a9fe:a9fe',
    '::169.254.169.254',
    '64:ff9b::169.254.169.254',
    '2002:a9fe:a9fe::',
    '[fe80::1]',
  ])('%s is told', (address) => {
    expect(forbiddenAddress(address)).toMatch(/^a (cloud metadata|link-local) address$/);
  });

  it.each([
    '127.0.0.1',
    '10.0.0.1',
    '192.168.1.1',
    '172.16.0.1',
    '8.8.8.8',
    '169.253.1.1',
    '100.100.100.201',
    '::1',
    '::',
    'fd00::1',
    'fec0::1',
    '2001:db8::1',
    '::ffff:127.0.0.1',
  ])('%s is none', (address) => {
    expect(forbiddenAddress(address)).toBeNull();
  });

  it('may be allowed one by one, in any of its spellings', () => {
    const allowed = [canonicalAddress('::ffff:169.254.1.1'), canonicalAddress('FE80:0::1')];
    expect(allowed).toEqual(['169.254.1.1', 'fe80::1']);
    expect(forbiddenAddress('169.254.1.1', allowed)).toBeNull();
    expect(forbiddenAddress('::ffff:a9fe:101', allowed)).toBeNull();
    expect(forbiddenAddress('fe80::1%en0', allowed)).toBeNull();
    expect(forbiddenAddress('169.254.1.2', allowed)).not.toBeNull();
  });
});
