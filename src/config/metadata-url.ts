import { canonicalAddress } from '../core/address.ts';
import { checkBaseUrl } from './base-url.ts';
import type { Issues, Path } from './problem.ts';

/** Where clouds give their own machines credentials: ECS, EKS Pod Identity, EC2, Azure and Google. */
const METADATA_ADDRESSES = [
  '169.254.169.254',
  '169.254.170.2',
  '169.254.170.23',
  'fd00:ec2::254',
  'fd00:ec2::23',
  'fd20:ce::254',
  'metadata.google.internal',
].map(canonicalAddress);

/** An address that the environment names: credentials cross the network in the clear to the machine's own ones only. */
export function checkMetadataUrl(text: string, at: Path, issues: Issues): string {
  const url = checkBaseUrl(text, METADATA_ADDRESSES, at, issues);
  const parsed = URL.parse(url);
  if (parsed === null || parsed.protocol === 'https:') return url;
  const host = canonicalAddress(parsed.hostname);
  if (host !== 'localhost' && host !== '::1' && !host.startsWith('127.') && !METADATA_ADDRESSES.includes(host))
    issues.add(
      at,
      `is given credentials over plain HTTP by "${parsed.host}"`,
      'name an https URL or an address of the machine',
    );
  return url;
}
