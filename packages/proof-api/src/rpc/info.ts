import { quorumHeight } from '../domain/height.ts';
import type { Route } from '../route/route.ts';

/** What Info says about a route besides its chains: text, for people and dashboards. */
export const routeMetadata = ({ source, dest, stops }: Route): Record<string, string> => {
  const metadata: Record<string, string> = {
    source_kind: source.reader.kind,
    dest_kind: dest.reader.kind,
    attestors: source.attestors.length.toString(),
    stopped_clients: [...stops.all].map(([clientId, { reason }]) => `${clientId}: ${reason}`).join(', '),
  };
  const highest = quorumHeight(source.heights.reports, 1);
  if (highest !== undefined) metadata.highest_reported_height = highest.toString();
  for (const { name, address, breaker, latestHeight } of source.attestors) {
    metadata[`attestor.${name}`] = `${address}, ${breaker.state}, height ${latestHeight ?? 'unknown'}`;
  }
  return metadata;
};
