import {
  QueryClientCreatorRequest,
  QueryClientCreatorResponse,
  QueryClientStatesRequest,
  QueryClientStatesResponse,
} from 'cosmjs-types/ibc/core/client/v1/query';
import { ChainError } from '../errors.ts';
import { encodeMessage } from './encode-message.ts';
import type { AbciQuery } from './rpc/abci-query.ts';
import { malformed } from './rpc/node-error.ts';

/** What a Cosmos chain knows about its clients beyond their states: it names them itself, and remembers who made them. */
export interface CosmosClientRegistry {
  /** Ids of all clients, of every kind, in the chain's order. */
  clientIds(): Promise<readonly string[]>;
  /** The account that created a client and may name its counterparty; undefined once one is named, or without a client. */
  creator(clientId: string): Promise<string | undefined>;
}

const PAGE = 100n;
/** A node that never ends its pages lies. */
const MAX_PAGES = 1_000;

export const createCosmosClientRegistry = (origin: string, query: AbciQuery): CosmosClientRegistry => {
  const decoded = <T>(what: string, decode: () => T): T => {
    try {
      return decode();
    } catch (error) {
      throw malformed(origin, `${what} does not decode: ${(error as Error).message}`, error);
    }
  };

  return {
    async clientIds() {
      const ids: string[] = [];
      let key: Uint8Array = new Uint8Array();
      for (let page = 0; page < MAX_PAGES; page++) {
        const request = QueryClientStatesRequest.fromPartial({ pagination: { key, limit: PAGE } });
        const path = '/ibc.core.client.v1.Query/ClientStates';
        const answer = await query(path, encodeMessage(QueryClientStatesRequest, request));
        if (answer.kind !== 'value') throw new ChainError('chain/unavailable', `${origin}: ${path}: ${answer.log}`);
        const { clientStates, pagination } = decoded('ClientStates', () =>
          QueryClientStatesResponse.decode(answer.value),
        );
        ids.push(...clientStates.map(({ clientId }) => clientId));
        key = pagination?.nextKey ?? new Uint8Array();
        if (key.length === 0) return ids;
      }
      throw malformed(origin, `more than ${MAX_PAGES} pages of clients`);
    },
    async creator(clientId) {
      const request = encodeMessage(QueryClientCreatorRequest, { clientId });
      const answer = await query('/ibc.core.client.v1.Query/ClientCreator', request);
      if (answer.kind !== 'value') return undefined;
      const { creator } = decoded('ClientCreator', () => QueryClientCreatorResponse.decode(answer.value));
      return creator === '' ? undefined : creator;
    },
  };
};
