import { readFile } from 'node:fs/promises';
import type { TransactionReceipt } from '@interchain-attestation/chains';
import { isAttestationError } from '@interchain-attestation/core';
import { proofApi as proto } from '@interchain-attestation/proto';
import { createGrpcClient } from '@interchain-attestation/service';
import type { AttestConfig } from '../config/types.ts';
import type { CommandContext } from '../context.ts';
import { createKeyring } from '../keys.ts';
import { CliError } from '../output/errors.ts';
import { type ExitCode, exitCodeOf } from '../output/exit-codes.ts';
import { printable } from '../output/printable.ts';
import { redactUrls } from '../output/redact.ts';
import { chainEntry, chainIdOf } from '../services/chains.ts';
import { findClient, readClient, withChain } from '../services/client-reader.ts';
import { deployedClients } from '../services/clients.ts';
import { evidenceHeights, evidenceTransaction, planMisbehaviour, readEvidence } from '../services/misbehaviour.ts';
import { examples, type Register } from './group.ts';

interface OnOption {
  readonly on?: string;
}

interface SenderOption extends OnOption {
  readonly signer?: string;
}

const isoTime = (seconds: bigint | undefined): string =>
  seconds === undefined ? 'unknown' : new Date(Number(seconds) * 1000).toISOString();

/** Sends one transaction with a signer of the file, and says how it ended. */
const send = async (
  context: CommandContext,
  config: AttestConfig,
  chainName: string,
  signerName: string | undefined,
  transaction: { readonly tx: Uint8Array; readonly address: string },
): Promise<TransactionReceipt> => {
  const name = signerName ?? config.relayer?.signers[chainName] ?? chainEntry(config, chainName).deployer;
  if (name === undefined) throw new CliError('cli/usage', `no signer for ${chainName}: name one with --signer`);
  const signer = await createKeyring(context, config).signer(name);
  const receipt = await withChain(config, chainName, (chain) =>
    context.output.progress('waiting for the transaction', () => chain.createSender(signer).submit(transaction)),
  );
  if (!receipt.success) {
    throw new CliError('cli/verdict', `transaction ${receipt.txId} failed: ${receipt.failure ?? 'reverted'}`, {
      meta: { txId: receipt.txId },
    });
  }
  return receipt;
};

const show = async (context: CommandContext, id: string, { on }: OnOption): Promise<undefined> => {
  const config = await context.config();
  const client = await findClient(config, id, on);
  const names = new Map(Object.entries(config.attestors).map(([name, { address }]) => [address, name]));
  const found = await context.output.progress(`asking ${client.on}`, () =>
    withChain(config, client.on, async ({ clients }) => {
      const state = await clients.clientState(id);
      const [counterparty, [timestampSec]] = await Promise.all([
        clients.counterparty(id),
        clients.consensusTimestamps(id, [state.latestHeight]),
      ]);
      return { state, counterparty, timestampSec };
    }),
  );
  const { state, counterparty, timestampSec } = found;
  const { green, red } = context.output.style;
  const isEvm = chainEntry(config, client.on).kind === 'evm';
  context.output.pairs([
    ['client', `${id} on ${client.on}`],
    [
      'status',
      state.isFrozen
        ? red('frozen: it saw two timestamps for one height, and believes nothing any more')
        : green('active'),
    ],
    ['counterparty', printable(counterparty.clientId)],
    ...(isEvm ? ([['contract', state.location]] as const) : []),
    ['quorum', `${state.minRequiredSigs} of ${state.attestors.length}`],
    ...state.attestors.map(
      (address, index) => [index === 0 ? 'attestors' : '', `${address} ${names.get(address) ?? ''}`.trimEnd()] as const,
    ),
    ['latest height', `${state.latestHeight}, ${isoTime(timestampSec)}`],
    ...(isEvm
      ? ([
          [
            'empty proofs',
            state.verifiesOncePerTransaction ? 'taken: a batch is verified once' : 'not taken: every proof is verified',
          ],
        ] as const)
      : []),
  ]);
  context.output.result({
    ok: true,
    id,
    on: client.on,
    kind: chainEntry(config, client.on).kind,
    ...state,
    counterparty: counterparty.clientId,
    latestTimestampSec: timestampSec,
  });
  return undefined;
};

/** A client whose chain does not say what it holds keeps its line: the others are worth showing. */
interface Unread {
  readonly error: { readonly code: string; readonly message: string };
}

const toUnread = (error: unknown): Unread => {
  const code = isAttestationError(error) ? error.code : 'cli/internal';
  return { error: { code, message: redactUrls(error instanceof Error ? error.message : String(error)) } };
};

const list = async (context: CommandContext): Promise<ExitCode | undefined> => {
  const config = await context.config();
  const clients = await deployedClients(config);
  const rows = await context.output.progress('asking the chains', () =>
    Promise.all(
      clients.map(async ({ on, of, id }) => {
        const read = withChain(config, on, async (chain) => {
          const state = await chain.clients.clientState(id);
          const [timestampSec] = await chain.clients.consensusTimestamps(id, [state.latestHeight]);
          return { ...state, latestTimestampSec: timestampSec };
        });
        return { on, of, id, ...(await read.catch(toUnread)) };
      }),
    ),
  );
  const { green, red } = context.output.style;
  context.output.table(
    [
      { head: 'client' },
      { head: 'on' },
      { head: 'tracks' },
      { head: 'status' },
      { head: 'quorum' },
      { head: 'height', alignRight: true },
      { head: 'time' },
    ],
    rows.map((row) => {
      const { on, of, id } = row;
      if ('error' in row) return [id, on, of, red(row.error.code), '', '', ''];
      const { isFrozen, minRequiredSigs, attestors, latestHeight, latestTimestampSec } = row;
      return [
        id,
        on,
        of,
        isFrozen ? red('frozen') : green('active'),
        `${minRequiredSigs} of ${attestors.length}`,
        `${latestHeight}`,
        isoTime(latestTimestampSec),
      ];
    }),
  );
  const failures = rows.flatMap((row) => ('error' in row ? [row.error] : []));
  for (const message of new Set(failures.map(({ message }) => message))) context.output.warn(message);
  context.output.result({ ok: failures.length === 0, clients: rows });
  const [failure] = failures;
  return failure && exitCodeOf(failure.code);
};

const update = async (context: CommandContext, id: string, options: SenderOption): Promise<undefined> => {
  const config = await context.config();
  const { on } = await findClient(config, id, options.on);
  const entry = (await deployedClients(config)).find((client) => client.on === on && client.id === id);
  if (entry === undefined) throw new CliError('cli/usage', `the file has no client ${id} on ${on}`);
  const address = config.relayer?.proofApi ?? config.proofApi?.url ?? config.proofApi?.listen;
  if (address === undefined) throw new CliError('cli/usage', 'the file names no proof API');
  const api = createGrpcClient(proto.ProofApiService, { address });
  try {
    const idOf = (chain: string): string => chainIdOf(config, chain);
    const unsigned = await context.output.progress('asking the proof API', () =>
      api.updateClient({ srcChain: idOf(entry.of), dstChain: idOf(on), dstClientId: id }),
    );
    const receipt = await send(context, config, on, options.signer, unsigned);
    const height = await withChain(config, on, async ({ clients }) => (await clients.clientState(id)).latestHeight);
    context.output.line(
      `${id} is at height ${height} of ${entry.of} (${receipt.txId}, ${receipt.gasUsed.toLocaleString('en')} gas)`,
    );
    context.output.result({ ok: true, id, on, latestHeight: height, txId: receipt.txId, gasUsed: receipt.gasUsed });
  } finally {
    api.close();
  }
  return undefined;
};

const submitMisbehaviour = async (
  context: CommandContext,
  id: string,
  options: SenderOption & { evidence: string; dryRun?: boolean },
): Promise<undefined> => {
  const config = await context.config();
  const { on } = await findClient(config, id, options.on);
  const text = await readFile(context.path(options.evidence), 'utf8').catch((cause: Error) => {
    throw new CliError('cli/file-unreadable', `${options.evidence}: ${cause.message}`, { cause });
  });
  const proofs = readEvidence(text);
  const client = await withChain(config, on, (chain) => readClient(chain, id, evidenceHeights(proofs)));
  if (client.state.isFrozen) {
    context.output.line(`${id} on ${on} is frozen already`);
    context.output.result({ ok: true, id, on, frozen: true, transactions: [] });
    return undefined;
  }
  const steps = planMisbehaviour(client, proofs);
  if (options.dryRun === true) {
    context.output.line(
      `${id} on ${on} would freeze, for good (${steps.length} ${steps.length === 1 ? 'transaction' : 'transactions'})`,
    );
    context.output.result({ ok: true, id, on, dryRun: true, transactions: [] });
    return undefined;
  }
  const location = await withChain(config, on, async ({ clients }) => (await clients.clientState(id)).location);
  const transactions: { txId: string; gasUsed: bigint }[] = [];
  for (const { proof } of steps) {
    const transaction = evidenceTransaction(chainEntry(config, on).kind, location, proof);
    const { txId, gasUsed } = await send(context, config, on, options.signer, transaction);
    transactions.push({ txId, gasUsed });
  }
  const { isFrozen } = await withChain(config, on, ({ clients }) => clients.clientState(id));
  if (!isFrozen)
    throw new CliError('cli/verdict', `${id} on ${on} is not frozen after ${transactions.length} transactions`);
  context.output.line(`${id} on ${on} is frozen, for good (${transactions.map(({ txId }) => txId).join(', ')})`);
  context.output.result({ ok: true, id, on, frozen: true, transactions });
  return undefined;
};

export const registerClient: Register = (program, act) => {
  const client = program.command('client').description('attestation light clients on the chains');
  client
    .command('list')
    .description('the clients of the file as their chains hold them')
    .addHelpText('after', examples(['attest client list']))
    .action(act((context) => list(context)));
  client
    .command('show <id>')
    .description('one client: status, set, quorum, latest height, counterparty')
    .option('--on <chain>', 'the chain that holds it (default: the only one of the file with this id)')
    .addHelpText(
      'after',
      examples(['attest client show attest-alpha', 'attest client show attest-alpha --on beta --json']),
    )
    .action(act<OnOption>((context, options, [id = '']) => show(context, id, options)));
  client
    .command('update <id>')
    .description('bring a client to the newest attested height')
    .option('--on <chain>', 'the chain that holds it')
    .option('--signer <name>', 'who pays (default: the relayer of that chain)')
    .addHelpText('after', examples(['attest client update attest-alpha']))
    .action(act<SenderOption>((context, options, [id = '']) => update(context, id, options)));
  client
    .command('submit-misbehaviour <id>')
    .description('freeze a client whose attestors contradicted each other, for good')
    .requiredOption('--evidence <file>', 'evidence of the proof API (JSON), or a contradicting proof (hex)')
    .option('--on <chain>', 'the chain that holds it')
    .option('--signer <name>', 'who pays (default: the relayer of that chain)')
    .option('--dry-run', 'only say whether the client would freeze')
    .addHelpText(
      'after',
      examples([
        'attest client submit-misbehaviour attest-alpha --evidence data/evidence/state-1200-ab12.json --dry-run',
      ]),
    )
    .action(
      act<SenderOption & { evidence: string; dryRun?: boolean }>((context, options, [id = '']) =>
        submitMisbehaviour(context, id, options),
      ),
    );
};
