import type { ChainIdentity, ChainReader } from '@interchain-attestation/chains';
import type { proofApi } from '@interchain-attestation/proto';
import type { ServiceImpl } from '@interchain-attestation/service';
import { ProofApiError } from '../errors.ts';
import type { Route } from '../route/route.ts';
import { fromChainError } from './chain-errors.ts';
import { routeMetadata } from './info.ts';
import { parseClientId, parseRelayByTx } from './parse.ts';

export type FindRoute = (source: string, dest: string) => Route;

type Service = ServiceImpl<typeof proofApi.ProofApiService>;

const translated = async <T>(run: () => Promise<T>): Promise<T> => {
  try {
    return await run();
  } catch (error) {
    throw fromChainError(error);
  }
};

const toChain = (
  { kind }: Pick<ChainReader, 'kind'>,
  { chainId, store }: ChainIdentity,
): { chainId: string; ibcVersion: string; ibcContract: string } => ({
  chainId,
  ibcVersion: '2',
  // A Cosmos chain has no contract: its store is part of it.
  ibcContract: kind === 'evm' ? store : '',
});

/** A height and a time that the own node contradicts would turn the first honest update into misbehaviour. */
const assertOwnReading = async (
  route: Route,
  initial: { readonly height: bigint; readonly timestampSec: bigint },
  signal: AbortSignal,
): Promise<void> => {
  const header = await route.source.header(initial.height, 0, signal);
  if (header?.timestampSec === initial.timestampSec) return;
  const found = header === undefined ? 'has no such block' : `says ${header.timestampSec}`;
  throw new ProofApiError(
    'proof-api/invalid-request',
    `height ${initial.height} with timestamp ${initial.timestampSec}: ${route.source.name} ${found}`,
  );
};

/** The gRPC service over routes. Source of the messages: wire format, section 5. */
export const createService = (findRoute: FindRoute): Service => ({
  relayByTx: (request, { signal }) =>
    translated(async () => {
      const route = findRoute(request.srcChain, request.dstChain);
      const { tx, address } = await route.relay(parseRelayByTx(request), signal);
      return { tx, address };
    }),

  updateClient: (request, { signal }) =>
    translated(async () => {
      const route = findRoute(request.srcChain, request.dstChain);
      if (request.dstClientId === '') throw new ProofApiError('proof-api/invalid-request', 'dst_client_id is empty');
      const { tx, address } = await route.updateClient(parseClientId(request.dstClientId, 'dst_client_id'), signal);
      return { tx, address };
    }),

  createClient: (request, { signal }) =>
    translated(async () => {
      const route = findRoute(request.srcChain, request.dstChain);
      const client = route.dest.kind.newClient(request.parameters);
      if (client.initial !== undefined) await assertOwnReading(route, client.initial, signal);
      const initial = client.initial ?? (await route.attestedState(client.set, signal));
      return { tx: client.encode(initial), address: '' };
    }),

  info: (request, { signal }) =>
    translated(async () => {
      const route = findRoute(request.srcChain, request.dstChain);
      const [source, dest] = await Promise.all([
        route.source.reader.identity({ signal }),
        route.dest.reader.identity({ signal }),
      ]);
      return {
        sourceChain: toChain(route.source.reader, source),
        targetChain: toChain(route.dest.reader, dest),
        metadata: routeMetadata(route),
      };
    }),
});
