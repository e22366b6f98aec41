import { ConfigError } from '../config/error.ts';
import type { AttestConfig, ClientEntry, KnownClient } from '../config/types.ts';
import { CliError } from '../output/errors.ts';
import { cosmosManifestOf } from './chains.ts';

/** The clients of all connections: each is a direction, from the chain it tracks to the chain that holds it. */
export const allClients = (config: AttestConfig): readonly ClientEntry[] =>
  Object.values(config.connections).flatMap(({ clients }) => clients);

/**
 * The id of a client: from the file, or for a Cosmos chain from what was deployed; undefined when it is not deployed.
 * @throws ConfigError `config/client-mismatch` when both name one, and not the same
 */
export const clientIdOf = async (
  config: AttestConfig,
  connection: string,
  client: ClientEntry,
): Promise<string | undefined> => {
  if (config.chains[client.on]?.kind !== 'cosmos') return client.id;
  const deployed = (await cosmosManifestOf(config, client.on))?.clients[connection]?.clientId;
  if (client.id === undefined || deployed === undefined || client.id === deployed) return client.id ?? deployed;
  const index = config.connections[connection]?.clients.indexOf(client as never) ?? 0;
  throw new ConfigError(config.file, [
    {
      code: 'config/client-mismatch',
      path: `connections.${connection}.clients[${index}].id`,
      message: `the file names ${client.id}, but ${deployed} was deployed to ${client.on} for this connection`,
    },
  ]);
};

/** A connection whose clients both have their ids. */
export interface KnownConnection {
  readonly name: string;
  readonly clients: readonly [KnownClient, KnownClient];
}

const known = async (config: AttestConfig, connection: string, client: ClientEntry): Promise<KnownClient> => {
  const id = await clientIdOf(config, connection, client);
  if (id !== undefined) return { ...client, id };
  throw new CliError(
    'cli/not-found',
    `connection ${connection} has no client on ${client.on} yet: run "attest deploy client", which gets it an id`,
    { meta: { chain: client.on, connection } },
  );
};

/** All connections with the ids of their clients. @throws CliError `cli/not-found` while one is not deployed */
export const knownConnections = (config: AttestConfig): Promise<readonly KnownConnection[]> =>
  Promise.all(
    Object.entries(config.connections).map(
      async ([
        name,
        {
          clients: [a, b],
        },
      ]): Promise<KnownConnection> => {
        return { name, clients: [await known(config, name, a), await known(config, name, b)] };
      },
    ),
  );

/** {@link allClients} with their ids. @throws CliError `cli/not-found` while one is not deployed */
export const knownClients = async (config: AttestConfig): Promise<readonly KnownClient[]> =>
  (await knownConnections(config)).flatMap(({ clients }) => clients);

/** Those clients whose ids are known: nobody has to wait for the ones that are not deployed. */
export const deployedClients = async (config: AttestConfig): Promise<readonly KnownClient[]> => {
  const found = await Promise.all(
    Object.entries(config.connections).flatMap(([name, { clients }]) =>
      clients.map(async (client): Promise<readonly KnownClient[]> => {
        const id = await clientIdOf(config, name, client);
        return id === undefined ? [] : [{ ...client, id }];
      }),
    ),
  );
  return found.flat();
};
