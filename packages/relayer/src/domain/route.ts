import type { Packet } from '@interchain-attestation/core';

/** One end of a route: a client on a chain, which follows the chain of the other end. */
export interface RouteEnd {
  readonly chainId: string;
  readonly clientId: string;
}

/** Two clients that follow each other's chain. Packets travel both ways. */
export interface Route {
  readonly id: string;
  readonly ends: readonly [RouteEnd, RouteEnd];
}

/** A route in the direction of one packet. */
export interface Direction {
  readonly routeId: string;
  readonly source: RouteEnd;
  readonly dest: RouteEnd;
}

/** Which packet events concern a route, and which contradict it. */
export type RouteMatch =
  | { readonly kind: 'direction'; readonly direction: Direction }
  | { readonly kind: 'foreign' }
  /** The client is ours, the packet's other end is not its counterparty: no honest router emits this. */
  | { readonly kind: 'malformed'; readonly routeId: string; readonly problem: string };

const endKey = (chainId: string, clientId: string): string => `${chainId}\n${clientId}`;

/** Both directions of a route. */
export const directionsOf = ({ id, ends: [a, b] }: Route): readonly [Direction, Direction] => [
  { routeId: id, source: a, dest: b },
  { routeId: id, source: b, dest: a },
];

/** Finds the direction a packet travels in, by the chain that told of it and the packet's client ids. */
export interface RouteTable {
  readonly directions: readonly Direction[];
  /** @param side the side of the packet that the telling chain is on */
  match(chainId: string, side: 'source' | 'dest', packet: Packet): RouteMatch;
}

/** Looks up routes by either end. The ends of the routes must be distinct (the configuration checks it). */
export const createRouteTable = (routes: readonly Route[]): RouteTable => {
  const directions = routes.flatMap(directionsOf);
  const bySource = new Map(directions.map((way) => [endKey(way.source.chainId, way.source.clientId), way]));
  const byDest = new Map(directions.map((way) => [endKey(way.dest.chainId, way.dest.clientId), way]));
  return {
    directions,
    match: (chainId, side, packet) => {
      const [mine, other] =
        side === 'source' ? [packet.sourceClient, packet.destClient] : [packet.destClient, packet.sourceClient];
      const direction = (side === 'source' ? bySource : byDest).get(endKey(chainId, mine));
      if (direction === undefined) return { kind: 'foreign' };
      const expected = side === 'source' ? direction.dest.clientId : direction.source.clientId;
      if (other !== expected || packet.sequence === 0n) {
        const problem =
          packet.sequence === 0n
            ? 'sequence 0'
            : `client ${mine} on chain ${chainId} tells of counterparty client ${other}, the route says ${expected}`;
        return { kind: 'malformed', routeId: direction.routeId, problem };
      }
      return { kind: 'direction', direction };
    },
  };
};
