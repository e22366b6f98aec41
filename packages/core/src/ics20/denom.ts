import { bytesToHex, utf8ToBytes } from '../bytes.ts';
import { sha256 } from '../hash.ts';

/** One place that a token came through, as the chain that holds it names it. */
export interface DenomHop {
  readonly port: string;
  readonly clientId: string;
}

/** A denom path taken apart: the newest hop first, then the name on the chain of origin. */
export interface DenomTrace {
  readonly hops: readonly DenomHop[];
  readonly base: string;
}

const prefixOf = (hop: DenomHop): string => `${hop.port}/${hop.clientId}/`;

/** Denom path of a token after it arrived over `hop` (port and client of the chain that received it). */
export const prefixDenom = (hop: DenomHop, denom: string): string => prefixOf(hop) + denom;

/** `denom` without its newest hop, or undefined when that hop is not `hop`. */
export const unwindDenom = (hop: DenomHop, denom: string): string | undefined =>
  denom.startsWith(prefixOf(hop)) ? denom.slice(prefixOf(hop).length) : undefined;

/**
 * What the receiving chain calls a token: on its way home the sender's prefix comes off and the escrow pays out,
 * otherwise the receiver's prefix goes on and a voucher is minted. Source: ICS-20, wire format section 4.
 * @param source port and client of the packet on the sending chain
 * @param dest port and client of the packet on the receiving chain
 */
export const receivedDenom = (
  source: DenomHop,
  dest: DenomHop,
  denom: string,
): { readonly returning: boolean; readonly denom: string } => {
  const home = unwindDenom(source, denom);
  return home === undefined ? { returning: false, denom: prefixDenom(dest, denom) } : { returning: true, denom: home };
};

/**
 * Takes a denom path apart for display. A hop is a leading `transfer/` followed by a client id; names on the chain of
 * origin may hold slashes themselves (`gamm/pool/1`), so anything else belongs to the base.
 */
export const parseDenomTrace = (denom: string): DenomTrace => {
  const parts = denom.split('/');
  const hops: DenomHop[] = [];
  let at = 0;
  for (; at + 2 < parts.length && parts[at] === 'transfer' && parts[at + 1] !== ''; at += 2) {
    hops.push({ port: 'transfer', clientId: parts[at + 1] ?? '' });
  }
  return { hops, base: parts.slice(at).join('/') };
};

/** Name of a voucher in a Cosmos bank module: `ibc/` and the upper-case SHA-256 of its path; a base denom stays as it is. */
export const denomToBankDenom = (denom: string): string =>
  parseDenomTrace(denom).hops.length === 0
    ? denom
    : `ibc/${bytesToHex(sha256(utf8ToBytes(denom)))
        .slice(2)
        .toUpperCase()}`;
