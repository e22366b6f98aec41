import type { AttestConfig } from '../config/types.ts';
import type { CommandContext } from '../context.ts';
import { CliError } from '../output/errors.ts';
import { printable, printableFields } from '../output/printable.ts';
import type { RelayerClients } from '../services/relayer-client.ts';
import { chainIdOf, nameOf, withRelayer } from '../services/relayer-client.ts';
import { parseTxHash } from '../services/tx-hash.ts';
import { examples, type Register } from './group.ts';
import { registerStatus } from './packet-status.ts';

/** A packet as the relayer knows it. */
type Packet = Awaited<ReturnType<RelayerClients['operator']['listPackets']>>['packets'][number];

const short = (hash: string): string => (hash === '' ? '' : `${hash.slice(0, 10)}…`);

const seconds = (packet: Packet, state: string): string => {
  const begin = packet.stateTimesMs.sent;
  const at = packet.stateTimesMs[state];
  return begin === undefined || at === undefined ? '' : `${(Number(at - begin) / 1000).toFixed(1)} s`;
};

const toJsonPacket = (config: AttestConfig, packet: Packet): object => {
  const { $typeName: _, ...rest } = packet;
  return { ...rest, source: nameOf(config, packet.sourceChainId), dest: nameOf(config, packet.destChainId) };
};

const showList = (context: CommandContext, config: AttestConfig, packets: readonly Packet[]): void => {
  const { output } = context;
  const { green, red, yellow } = output.style;
  const paint = (state: string): string =>
    state === 'failed' ? red(state) : ['acknowledged', 'timed-out'].includes(state) ? green(state) : yellow(state);
  output.table(
    [
      { head: 'route' },
      { head: '#', alignRight: true },
      { head: 'state' },
      { head: 'ack' },
      { head: 'received', alignRight: true },
      { head: 'done', alignRight: true },
      { head: 'send tx' },
      { head: 'why' },
    ],
    packets
      .map(printableFields)
      .map((packet) => [
        `${nameOf(config, packet.sourceChainId)} → ${nameOf(config, packet.destChainId)}`,
        packet.sequence.toString(),
        paint(packet.state),
        packet.acknowledgement,
        seconds(packet, 'received'),
        seconds(packet, 'acknowledged') || seconds(packet, 'timed-out'),
        short(packet.sendTx),
        packet.reason,
      ]),
  );
};

const showTrace = (context: CommandContext, config: AttestConfig, told: Packet): void => {
  const packet = printableFields(told);
  const { output } = context;
  const { bold, dim } = output.style;
  const [source, dest] = [nameOf(config, packet.sourceChainId), nameOf(config, packet.destChainId)];
  output.line(
    `${bold(`packet #${packet.sequence}`)}  ${source} (${packet.sourceClientId}) → ${dest} (${packet.destClientId})`,
  );
  const begin = packet.stateTimesMs.sent ?? 0n;
  const txs: Readonly<Record<string, string>> = {
    sent: packet.sendTx,
    received: packet.recvTx,
    acknowledged: packet.ackTx,
    'timed-out': packet.timeoutTx,
  };
  const times = Object.entries(packet.stateTimesMs).toSorted(([, a], [, b]) => Number(a - b));
  output.table(
    [{ head: '  state' }, { head: 'after', alignRight: true }, { head: 'at' }, { head: 'transaction' }],
    times.map(([state, at]) => [
      `  ${printable(state)}`,
      begin === 0n ? '' : `${(Number(at - begin) / 1000).toFixed(1)} s`,
      new Date(Number(at)).toISOString(),
      txs[state] ?? '',
    ]),
  );
  const ack = packet.acknowledgement === '' ? '' : `, acknowledgement: ${packet.acknowledgement}`;
  output.line(`  now ${bold(packet.state)}${ack}${packet.reason === '' ? '' : `: ${packet.reason}`}`);
  output.line(
    dim(`  times out ${new Date(Number(packet.timeoutTimestamp) * 1000).toISOString()}, attempts ${packet.attempts}`),
  );
};

export const registerPacket: Register = (program, act) => {
  const packet = program.command('packet').description('packets that the relayer knows');
  packet
    .command('trace <tx>')
    .description('where the packets of a transaction are, and when they got there')
    .option('--chain <name>', 'the chain of the transaction (default: any)')
    .addHelpText('after', examples(['attest packet trace 0x5c50… --chain alpha', 'attest packet trace 0x5c50… --json']))
    .action(
      act<{ chain?: string }>(async (context, options, [tx = '']) => {
        const hash = parseTxHash(tx);
        const packets = await withRelayer(context, async ({ operator }, config) => {
          const found = (await operator.tracePackets({ txHash: hash, chainId: chainIdOf(config, options.chain) }))
            .packets;
          if (found.length === 0) throw new CliError('cli/not-found', `the relayer knows no packet of ${hash}`);
          return found;
        });
        const config = await context.config();
        for (const each of packets) showTrace(context, config, each);
        context.output.result({ ok: true, packets: packets.map((each) => toJsonPacket(config, each)) });
        return undefined;
      }),
    );
  packet
    .command('list')
    .description('packets, newest first')
    .option('--state <state...>', 'only these states, for example failed, sent, received')
    .option('--chain <name>', 'only packets sent on this chain')
    .option('--limit <count>', 'at most so many (1..1000)', '20')
    .addHelpText('after', examples(['attest packet list', 'attest packet list --state failed --chain alpha --json']))
    .action(
      act<{ state?: readonly string[]; chain?: string; limit: string }>(async (context, options) => {
        const limit = Number(options.limit);
        if (!Number.isInteger(limit) || limit < 1 || limit > 1_000)
          throw new CliError('cli/usage', '--limit: expected 1..1000');
        const packets = await withRelayer(context, async ({ operator }, config) => {
          const request = {
            states: [...(options.state ?? [])],
            sourceChainId: chainIdOf(config, options.chain),
            limit,
          };
          return (await operator.listPackets(request)).packets;
        });
        const config = await context.config();
        if (packets.length === 0) context.output.line('no packets');
        else showList(context, config, packets);
        context.output.result({ ok: true, packets: packets.map((each) => toJsonPacket(config, each)) });
        return undefined;
      }),
    );
  packet
    .command('relay [tx]')
    .description('take up the packets of a transaction; or with --client put dead letters back to work')
    .option('--chain <name>', 'the chain of the transaction or the client')
    .option('--client <id>', 'retry the dead letters of this client on --chain')
    .option('--sequence <number...>', 'of those, only these')
    .addHelpText(
      'after',
      examples([
        'attest packet relay 0x5c50… --chain alpha',
        'attest packet relay --client attest-beta --chain alpha --sequence 7 8',
      ]),
    )
    .action(
      act<{ chain?: string; client?: string; sequence?: readonly string[] }>(async (context, options, [tx]) => {
        const { chain, client, sequence = [] } = options;
        if ((tx === undefined) === (client === undefined))
          throw new CliError('cli/usage', 'give either a transaction or --client');
        if (chain === undefined) throw new CliError('cli/usage', '--chain is missing');
        if (sequence.some((text) => !/^[1-9]\d{0,19}$/.test(text)))
          throw new CliError('cli/usage', '--sequence: expected positive whole numbers');
        const hash = tx === undefined ? undefined : parseTxHash(tx);
        const answer = await withRelayer(context, async ({ operator, public: api }, config) => {
          const chainId = chainIdOf(config, chain);
          if (hash !== undefined) {
            await api.relay({ txHash: hash, chainId });
            return { taken: hash };
          }
          const request = { sourceChainId: chainId, sourceClientId: client ?? '', sequences: sequence.map(BigInt) };
          return { retried: (await operator.retryPackets(request)).retried };
        });
        context.output.line(
          'retried' in answer
            ? `${answer.retried} packets are back at work`
            : `taken up: follow it with "attest packet trace ${answer.taken}"`,
        );
        context.output.result({ ok: true, ...answer });
        return undefined;
      }),
    );
  registerStatus(packet, act);
};
