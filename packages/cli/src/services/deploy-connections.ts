import { createAttestorSet } from '@interchain-attestation/core';
import type { DeployResult, InitialState } from '@interchain-attestation/deploy';
import type { AttestConfig, ClientEntry } from '../config/types.ts';
import { CliError } from '../output/errors.ts';
import { clientIdOf } from './clients.ts';
import type { Hands } from './deploy-hands.ts';

/** The set and quorum of a client, as the file has them. */
export const attestorSet = (
  config: AttestConfig,
  { attestors, quorum }: ClientEntry,
): ReturnType<typeof createAttestorSet> =>
  createAttestorSet(
    attestors.flatMap((name) => config.attestors[name]?.address ?? []),
    quorum,
  );

/** One end of a connection, and the other one. */
interface End {
  readonly connection: string;
  readonly client: ClientEntry;
  readonly other: ClientEntry;
}

/** Stands for an id that the chain has yet to assign; only ever seen in a dry run. */
const UNASSIGNED = 'attestations-?';

const key = ({ connection, client }: Pick<End, 'connection' | 'client'>): string => `${connection} ${client.on}`;

type Outcome = PromiseSettledResult<DeployResult>;

/** Works through the ends chain by chain: one after the other on each chain, all chains at once. */
const onEach = async (ends: readonly End[], work: (end: End) => Promise<DeployResult>): Promise<readonly Outcome[]> => {
  const byChain = [...Map.groupBy(ends, ({ client }) => client.on).values()];
  const outcomes = await Promise.all(
    byChain.map(async (queue) => {
      const done: Outcome[] = [];
      for (const end of queue) {
        const [outcome] = await Promise.allSettled([work(end)]);
        done.push(outcome);
        // What stopped this one stops the next one on the chain as well.
        if (outcome.status === 'rejected') break;
      }
      return done;
    }),
  );
  return outcomes.flat();
};

/**
 * Deploys the clients of connections. A Cosmos chain assigns its ids, and an EVM router wants to know its counterparty
 * at once: clients on Cosmos come first, then those on EVM, then Cosmos hears of its counterparties. What fails on one
 * chain leaves connections alone that do not need it.
 */
export const deployConnections = async (
  config: AttestConfig,
  names: readonly string[],
  hands: Hands,
  initialState: (client: ClientEntry) => Promise<InitialState>,
): Promise<readonly Outcome[]> => {
  const ends = names.flatMap((connection): readonly End[] => {
    const [a, b] = config.connections[connection]?.clients ?? [];
    if (a === undefined || b === undefined) return [];
    return [
      { connection, client: a, other: b },
      { connection, client: b, other: a },
    ];
  });
  const ids = new Map<string, string>();
  for (const end of ends) {
    const id = await clientIdOf(config, end.connection, end.client);
    if (id !== undefined) ids.set(key(end), id);
  }
  const optionsOf = (client: ClientEntry) => ({
    set: attestorSet(config, client),
    allowMinorityQuorum: client.allowMinorityQuorum,
    allowSingleAttestor: client.allowSingleAttestor,
    initialState: () => initialState(client),
  });
  const onEvm = ends.filter(({ client }) => hands.evm.has(client.on));
  const onCosmos = ends.filter(({ client }) => hands.cosmos.has(client.on));
  const cosmosOf = ({ client }: End) => hands.cosmos.get(client.on) as NonNullable<ReturnType<Hands['cosmos']['get']>>;
  const failed: Outcome[] = [];

  const created = await onEach(onCosmos, async (end) => {
    const { connection, client } = end;
    const { clientId, ...result } = await cosmosOf(end).client({
      connection,
      clientId: client.id,
      ...optionsOf(client),
    });
    ids.set(key(end), clientId ?? UNASSIGNED);
    return result;
  });
  const broken = new Set(onCosmos.filter((end) => !ids.has(key(end))).map(({ client }) => client.on));
  /** The id of the other end; undefined when its chain has failed, which is reported already. */
  const counterparty = (end: End): string | undefined => {
    const id = ids.get(key({ connection: end.connection, client: end.other }));
    if (id !== undefined || broken.has(end.other.on)) return id;
    const message = `connection ${end.connection}: the client on ${end.other.on} has no id yet, deploy it first or with this one`;
    failed.push({ status: 'rejected', reason: new CliError('cli/not-found', message) });
    return undefined;
  };
  const ready = (list: readonly End[]): readonly (readonly [End, string])[] =>
    list.flatMap((end) => {
      const id = counterparty(end);
      return id === undefined ? [] : [[end, id] as const];
    });

  const evm = new Map(ready(onEvm));
  /** Connections whose client on an EVM chain of this run is not there, or is another one than was wanted. */
  const refused = new Set(onEvm.map(({ connection }) => connection));
  const added = await onEach([...evm.keys()], async (end) => {
    const { client } = end;
    const deployer = hands.evm.get(client.on) as NonNullable<ReturnType<Hands['evm']['get']>>;
    const counterpartyClientId = evm.get(end) ?? '';
    const result = await deployer.client({ clientId: client.id ?? '', counterpartyClientId, ...optionsOf(client) });
    refused.delete(end.connection);
    return result;
  });
  // A Cosmos chain takes a counterparty once and for ever: none is named that would refuse the packets.
  const cosmos = new Map(ready(onCosmos.filter((end) => ids.has(key(end)) && !refused.has(end.connection))));
  const registered = await onEach([...cosmos.keys()], (end) =>
    cosmosOf(end).counterparty({ connection: end.connection, counterpartyClientId: cosmos.get(end) ?? '' }),
  );
  return [...created, ...added, ...registered, ...failed];
};
