import { readFile } from 'node:fs/promises';
import { type Address, hexToBytes } from '@interchain-attestation/core';
import { createPublicClient, http } from 'viem';
import type { AttestConfig } from '../config/types.ts';
import type { CommandContext } from '../context.ts';
import { CliError } from '../output/errors.ts';
import { EXIT, type ExitCode } from '../output/exit-codes.ts';
import { chainEntry } from '../services/chains.ts';
import { findClient, readClient, withChain } from '../services/client-reader.ts';
import { findProofs, type ProofItem } from '../services/proof-input.ts';
import { type InspectedClient, type InspectedProof, inspectProofs, isAbsence } from '../services/proof-inspect.ts';
import { examples, type Register } from './group.ts';

interface InspectOptions {
  readonly client?: string;
  readonly on?: string;
  readonly tx?: string;
}

const parseHex = (text: string): Uint8Array => {
  const hex = text.trim();
  if (!/^(0x)?([0-9a-fA-F]{2})+$/.test(hex)) throw new CliError('cli/usage', 'expected hex digits, two a byte');
  return hexToBytes(`0x${hex.replace(/^0x/i, '').toLowerCase()}`);
};

/** Bytes of a file: hex text, or the bytes themselves. */
const parseFile = (content: Buffer): Uint8Array => {
  const text = content.toString('latin1').trim();
  return /^(0x)?[0-9a-fA-F\s]+$/.test(text) ? parseHex(text.replace(/\s/g, '')) : new Uint8Array(content);
};

const readInput = async (
  context: CommandContext,
  input: string | undefined,
  options: InspectOptions,
): Promise<Uint8Array> => {
  if (options.tx !== undefined) return readTransaction(context, options.tx, options.on);
  if (input === undefined || input === '-') {
    const chunks: Buffer[] = [];
    for await (const chunk of context.stdin) chunks.push(Buffer.from(chunk as Uint8Array));
    return parseFile(Buffer.concat(chunks));
  }
  if (/^0x/i.test(input)) return parseHex(input);
  const content = await readFile(context.path(input)).catch((cause: Error) => {
    throw new CliError('cli/file-unreadable', `${input}: ${cause.message}`, { cause });
  });
  return parseFile(content);
};

const readTransaction = async (
  context: CommandContext,
  hash: string,
  chain: string | undefined,
): Promise<Uint8Array> => {
  if (chain === undefined) throw new CliError('cli/usage', '--tx needs --on: the chain that holds the transaction');
  if (!/^0x[0-9a-fA-F]{64}$/.test(hash)) throw new CliError('cli/usage', '--tx: expected 0x and 64 hex digits');
  const { rpcUrl } = chainEntry(await context.config(), chain);
  const client = createPublicClient({ transport: http(rpcUrl, { timeout: 10_000 }) });
  const transaction = await client.getTransaction({ hash: hash as `0x${string}` }).catch((cause: Error) => {
    const missing = cause.name === 'TransactionNotFoundError';
    throw missing
      ? new CliError('cli/not-found', `${chain} knows no transaction ${hash}`, { cause })
      : new CliError('cli/unavailable', `${chain} does not answer`, { cause, retryable: true });
  });
  return hexToBytes(transaction.input);
};

/** Heights whose timestamp a verdict may depend on. */
const heightsOf = (items: readonly ProofItem[], inspected: readonly InspectedProof[]): readonly bigint[] => [
  ...new Set(
    [...items.map(({ height }) => height), ...inspected.map(({ height }) => height)].filter(
      (height) => height !== undefined,
    ),
  ),
];

const show = ({ output }: CommandContext, proofs: readonly InspectedProof[]): void => {
  const { style } = output;
  for (const proof of proofs) {
    output.line(`${style.bold(proof.where)}  ${proof.purpose}`);
    const pairs: [string, string][] = [];
    if (proof.attests === 'covered') pairs.push(['  proof', 'empty: an earlier proof of this transaction covers it']);
    else if (proof.attests === 'unreadable') pairs.push(['  proof', style.red(`unreadable: ${proof.problem}`)]);
    else {
      const time =
        proof.timestampSec === undefined ? '' : `, time ${new Date(Number(proof.timestampSec) * 1000).toISOString()}`;
      const count =
        proof.entries === undefined ? '' : `, ${proof.entries.length} ${proof.entries.length === 1 ? 'path' : 'paths'}`;
      pairs.push(['  attests', `${proof.attests} at height ${proof.height}${time}${count}`]);
      for (const { path, commitment } of (proof.entries ?? []).slice(0, 5)) {
        pairs.push([
          '',
          `${path.slice(0, 18)}… ${isAbsence(commitment) ? 'holds nothing' : `= ${commitment.slice(0, 18)}…`}`,
        ]);
      }
      if ((proof.entries?.length ?? 0) > 5) pairs.push(['', `… and ${(proof.entries?.length ?? 0) - 5} more`]);
      for (const [index, { signer, name, fault, known }] of proof.signatures.entries()) {
        const who =
          signer === undefined ? style.red(`broken: ${fault}`) : `${signer}${name === undefined ? '' : ` ${name}`}`;
        pairs.push([
          index === 0 ? '  signed by' : '',
          known === false ? `${who} ${style.red('not in the set of the client')}` : who,
        ]);
      }
      if (proof.problem !== undefined) pairs.push(['  note', style.yellow(proof.problem)]);
    }
    const { verdict } = proof;
    if (verdict !== undefined) {
      const name = verdict.errorName == null ? verdict.code : `${verdict.errorName}, ${verdict.code}`;
      pairs.push([
        '  client',
        verdict.accepted
          ? style.green(`accepts: ${verdict.message}`)
          : style.red(`rejects [${name}]: ${verdict.message}`),
      ]);
    }
    output.pairs(pairs);
  }
};

const inspect = async (
  context: CommandContext,
  options: InspectOptions,
  input: string | undefined,
): Promise<ExitCode | undefined> => {
  const items = findProofs(await readInput(context, input, options));
  const clientId =
    options.client ??
    (options.on === undefined ? undefined : items.find((item) => item.clientId !== undefined)?.clientId);
  let config: AttestConfig | undefined;
  if (clientId !== undefined || options.tx !== undefined) config = await context.config();
  const names = new Map<Address, string>(
    Object.entries(config?.attestors ?? {}).map(([name, { address }]) => [address, name]),
  );
  let client: InspectedClient | undefined;
  if (clientId !== undefined && config !== undefined) {
    const chain = (await findClient(config, clientId, options.on)).on;
    const heights = heightsOf(items, inspectProofs(items, undefined, names));
    client = await context.output.progress(`asking ${chain} for client ${clientId}`, () =>
      withChain(config, chain, (connected) => readClient(connected, clientId, heights)),
    );
  }
  const proofs = inspectProofs(items, client, names);
  show(context, proofs);
  const accepted = proofs.every(({ verdict }) => verdict?.accepted !== false);
  const readable = proofs.every(({ attests }) => attests !== 'unreadable');
  if (client === undefined && !context.output.json) {
    context.output.line(
      context.output.style.dim(
        'No client was asked: add --client ID (and --on CHAIN) to see whether one would accept it.',
      ),
    );
  } else if (client !== undefined && options.tx !== undefined && !context.output.json) {
    context.output.line(
      context.output.style.dim('The client was asked as it is now, after this transaction and all later ones.'),
    );
  }
  context.output.result({ ok: accepted && readable, client: client?.state, proofs });
  return accepted && readable ? undefined : EXIT.verdict;
};

export const registerProof: Register = (program, act) => {
  const proof = program.command('proof').description('attestation proofs');
  proof
    .command('inspect [input]')
    .description('explain a proof, or the calldata of a relay transaction: who signed, what, would a client accept it')
    .option('--client <id>', 'ask this client')
    .option('--on <chain>', 'the chain that holds the client (or the transaction)')
    .option('--tx <hash>', 'take the calldata of this transaction instead')
    .addHelpText(
      'after',
      `\nThe input is a file (hex or bytes), 0x hex, or - for standard input.\n${examples([
        'attest proof inspect proof.hex --client attest-alpha',
        'attest proof inspect --tx 0x5c50… --on beta',
        'cast calldata … | attest proof inspect - --json',
      ])}`,
    )
    .action(act<InspectOptions>((context, options, [input]) => inspect(context, options, input)));
};
