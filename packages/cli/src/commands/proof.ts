import type { Address } from '@interchain-attestation/core';
import type { CommandContext } from '../context.ts';
import { CliError } from '../output/errors.ts';
import { EXIT, type ExitCode } from '../output/exit-codes.ts';
import { findClient, readClient, withChain } from '../services/client-reader.ts';
import { describedAs, likelyProfiles } from '../services/described-client.ts';
import type { InspectedClient } from '../services/judge-proof.ts';
import { PROFILE_NAMES, PROFILES, type ProfileName } from '../services/profile.ts';
import { findProofs } from '../services/proof-input.ts';
import { type InspectedProof, inspectProofs } from '../services/proof-inspect.ts';
import type { ProofItem } from '../services/proof-item.ts';
import { examples, type Register } from './group.ts';
import { type InspectOptions, readDescription, readInput, readProfiles } from './proof-options.ts';
import { showProofs } from './proof-show.ts';

/** Heights whose timestamp a verdict may depend on. */
const heightsOf = (items: readonly ProofItem[], inspected: readonly InspectedProof[]): readonly bigint[] => [
  ...new Set(
    [...items.map(({ height }) => height), ...inspected.map(({ height }) => height)].filter(
      (height) => height !== undefined,
    ),
  ),
];

/** Who is asked about which proof. */
interface Asked {
  readonly clientsFor: (item: ProofItem) => readonly InspectedClient[];
  /** The client that is asked first. */
  readonly first?: InspectedClient;
  readonly described: boolean;
}

/**
 * Who is asked: a client on a chain, or one that the options or a file describe; with a chain alone, whichever client
 * each proof is meant for; nobody without any of it.
 */
const clientsOf = async (
  context: CommandContext,
  options: InspectOptions,
  items: readonly ProofItem[],
): Promise<Asked> => {
  const described = await readDescription(context, options);
  const chosen = readProfiles(options.profile);
  if (described !== undefined) {
    if (options.client !== undefined) {
      throw new CliError('cli/usage', 'give either --client, which is asked on its chain, or a description of one');
    }
    const profiles = chosen ?? likelyProfiles(described, items);
    const clients = profiles.map((profile) => describedAs(described, profile, items, chosen !== undefined));
    return { clientsFor: () => clients, ...firstOf(clients), described: true };
  }
  const named = [...new Set(items.flatMap(({ clientId }) => clientId ?? []))];
  const ids = options.client !== undefined ? [options.client] : options.on === undefined ? [] : named;
  if (ids.length === 0) return { clientsFor: () => [], described: false };
  const config = await context.config();
  const heights = heightsOf(
    items,
    inspectProofs(items, () => [], new Map()),
  );
  const byId = new Map<string, readonly InspectedClient[]>();
  for (const id of ids) {
    const chain = (await findClient(config, id, options.on)).on;
    const client = await context.output.progress(`asking ${chain} for client ${id}`, () =>
      withChain(config, chain, (connected) => readClient(connected, id, heights)),
    );
    const others = (chosen ?? []).filter((profile) => profile !== client.profile);
    byId.set(id, [client, ...others.map((profile) => underProfile(client, profile))]);
  }
  const only = byId.size === 1 ? byId.values().next().value : undefined;
  // A client that the transaction does not speak of was named on purpose: it is asked about everything.
  const askAll = options.client !== undefined && !named.includes(options.client);
  const clientsFor = ({ clientId }: ProofItem): readonly InspectedClient[] =>
    (clientId === undefined || askAll ? only : byId.get(clientId)) ?? [];
  return { clientsFor, ...firstOf(byId.values().next().value ?? []), described: false };
};

const firstOf = ([first]: readonly InspectedClient[]): Pick<Asked, 'first'> => (first === undefined ? {} : { first });

/** The same client under the rules of another kind. */
const underProfile = (client: InspectedClient, profile: ProfileName): InspectedClient => {
  const [from, to] = [PROFILES[client.profile].toConsensusTimestamp(1n), PROFILES[profile].toConsensusTimestamp(1n)];
  const consensus = new Map([...client.consensus].map(([height, timestamp]) => [height, (timestamp / from) * to]));
  return { ...client, profile, consensus, reencode: true };
};

const inspect = async (
  context: CommandContext,
  options: InspectOptions,
  input: string | undefined,
): Promise<ExitCode | undefined> => {
  const items = findProofs(await readInput(context, input, options));
  const { clientsFor, first: client, described } = await clientsOf(context, options, items);
  const needsConfig = options.client !== undefined || options.on !== undefined;
  const config = needsConfig ? await context.config() : undefined;
  const names = new Map<Address, string>(
    Object.entries(config?.attestors ?? {}).map(([name, { address }]) => [address, name]),
  );
  const proofs = inspectProofs(items, clientsFor, names);
  showProofs(context.output, proofs);
  const accepted = proofs.every(({ verdict }) => verdict?.accepted !== false);
  const readable = proofs.every(({ attests }) => attests !== 'unreadable');
  const note = (text: string): void => context.output.line(context.output.style.dim(text));
  if (client === undefined) {
    note(
      'No client was asked: add --client ID (and --on CHAIN), or describe one (--client-state, or --attestor and --quorum).',
    );
  } else if (!described && options.tx !== undefined) {
    note('The client was asked as it is now, after this transaction and all later ones.');
  }
  context.output.result({ ok: accepted && readable, client: client?.state, profile: client?.profile, proofs });
  return accepted && readable ? undefined : EXIT.verdict;
};

export const registerProof: Register = (program, act) => {
  const proof = program.command('proof').description('attestation proofs');
  proof
    .command('inspect [input]')
    .description('explain a proof, or a relay transaction: who signed, what, would a client accept it and why not')
    .option('--client <id>', 'ask this client')
    .option('--on <chain>', 'the chain that holds the client (or the transaction)')
    .option('--tx <hash>', 'take the proofs of this transaction instead')
    .option('--client-state <file>', 'ask a client in this state: JSON, or bytes as a chain encodes it (ABI, protobuf)')
    .option('--attestor <address...>', 'ask a client with this set; with --quorum')
    .option('--quorum <count>', 'signatures that it requires')
    .option('--latest-height <height>', 'its latest height (default: no proof is too new)')
    .option('--frozen', 'it is frozen')
    .option(
      '--timestamp <height=seconds...>',
      'timestamps that it holds (default: one for every height that is asked for)',
    )
    .option(
      '--profile <name...>',
      `whose rules: ${PROFILE_NAMES.join(', ')}, or all (default: what takes such a proof)`,
    )
    .addHelpText(
      'after',
      `\nThe input is an AttestationProof (ABI or protobuf), calldata, a Cosmos message, TxBody or transaction: a file (hex,\nbase64 or bytes), 0x hex, or - for standard input.\n${examples(
        [
          'attest proof inspect proof.hex --client attest-alpha',
          'attest proof inspect --tx 0x5c50… --on beta',
          'attest proof inspect proof.bin --client-state client-state.json --profile ibc-go',
          'attest proof inspect proof.hex --attestor 0x7E5F… 0x2B5A… --quorum 2 --profile all --json',
        ],
      )}`,
    )
    .action(act<InspectOptions>((context, options, [input]) => inspect(context, options, input)));
};
