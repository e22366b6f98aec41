import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GoToolsError } from './errors.ts';
import { findFreePorts } from './ports.ts';
import { runCommand } from './run-command.ts';
import { stopProcess } from './stop-process.ts';

export interface IbcGoChainOptions {
  /** Path of the program `ibc-go-chain`. */
  readonly program: string;
  /** For example `gaia-1`. */
  readonly chainId: string;
  /** Accounts that hold coins from the first block on: bech32 address and coins, as `1000000stake,500token`. */
  readonly accounts?: readonly { readonly address: string; readonly coins: string }[];
  /** Pause between blocks, milliseconds; default 300. */
  readonly timeoutCommitMs?: number;
  /** As the SDK writes it; default `0stake`. */
  readonly minimumGasPrices?: string;
  /** Changes the genesis before the first block. */
  readonly editGenesis?: (genesis: Record<string, unknown>) => void;
  /** Bound on the time until the first block, milliseconds; default 60,000. */
  readonly startTimeoutMs?: number;
}

/** A running chain of one validator. */
export interface IbcGoChain {
  readonly chainId: string;
  /** `http://127.0.0.1:port`; the WebSocket is at `/websocket`. */
  readonly rpcUrl: string;
  readonly port: number;
  /** Folder with configuration, data and `node.log`; removed by `stop`. */
  readonly home: string;
  /** Ends the process, and waits until it is gone. */
  stop(): Promise<void>;
}

const VALIDATOR_COINS = '1000000000000stake';

const editConfig = (file: string, edits: readonly (readonly [RegExp, string])[]): void => {
  let text = readFileSync(file, 'utf8');
  for (const [pattern, replacement] of edits) {
    if (!pattern.test(text)) throw new GoToolsError('go-tools/run-failed', `no ${pattern.source} in ${file}`);
    text = text.replace(pattern, replacement);
  }
  writeFileSync(file, text);
};

const prepare = async (home: string, options: IbcGoChainOptions): Promise<void> => {
  const { program, chainId } = options;
  const run = async (...args: string[]): Promise<void> => {
    const result = await runCommand(program, [...args, '--home', home], { cwd: home, env: process.env });
    if (result.code === 0) return;
    throw new GoToolsError('go-tools/run-failed', `ibc-go-chain ${args.join(' ')}: ${result.stderr.slice(-1_000)}`);
  };
  const keyring = ['--keyring-backend', 'test'];
  await run('init', 'node', '--chain-id', chainId);
  await run('keys', 'add', 'validator', ...keyring);
  await run('genesis', 'add-genesis-account', 'validator', VALIDATOR_COINS, ...keyring);
  for (const { address, coins } of options.accounts ?? []) {
    await run('genesis', 'add-genesis-account', address, coins);
  }
  await run('genesis', 'gentx', 'validator', '1000000000stake', '--chain-id', chainId, ...keyring);
  await run('genesis', 'collect-gentxs');
  editConfig(join(home, 'config/config.toml'), [
    [/^timeout_commit = .*$/m, `timeout_commit = "${options.timeoutCommitMs ?? 300}ms"`],
    // Two chains on one machine would want the same port.
    [/^pprof_laddr = .*$/m, 'pprof_laddr = ""'],
  ]);
  if (options.editGenesis === undefined) return;
  const file = join(home, 'config/genesis.json');
  const genesis = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
  options.editGenesis(genesis);
  writeFileSync(file, JSON.stringify(genesis));
};

const hasBlock = async (rpcUrl: string): Promise<boolean> => {
  try {
    const response = await fetch(`${rpcUrl}/abci_info`, { signal: AbortSignal.timeout(2_000) });
    const answer = (await response.json()) as { result?: { response?: { last_block_height?: string } } };
    return Number(answer.result?.response?.last_block_height ?? 0) > 0;
  } catch {
    return false;
  }
};

/** A chain that is ready to be started, and started again, by whoever manages processes. */
export interface PreparedIbcGoChain {
  readonly chainId: string;
  readonly rpcUrl: string;
  readonly port: number;
  readonly home: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Whether it has made a block and answers. */
  hasBlock(): Promise<boolean>;
  /** Removes its folder. */
  remove(): void;
}

/**
 * Makes genesis, keys and configuration of a chain of one validator on a free port, in a folder of its own.
 * @throws GoToolsError `go-tools/run-failed`
 */
export const prepareIbcGoChain = async (options: IbcGoChainOptions): Promise<PreparedIbcGoChain> => {
  const home = mkdtempSync(join(tmpdir(), 'ibc-go-chain-'));
  const remove = (): void => rmSync(home, { recursive: true, force: true, maxRetries: 3 });
  try {
    await prepare(home, options);
    const [port = 0] = await findFreePorts(1);
    const rpcUrl = `http://127.0.0.1:${port}`;
    const args = ['start', '--home', home, '--minimum-gas-prices', options.minimumGasPrices ?? '0stake'];
    args.push('--grpc.enable=false', '--api.enable=false');
    args.push('--rpc.laddr', `tcp://127.0.0.1:${port}`, '--p2p.laddr', 'tcp://127.0.0.1:0');
    const { chainId, program: command } = options;
    return { chainId, rpcUrl, port, home, command, args, hasBlock: () => hasBlock(rpcUrl), remove };
  } catch (error) {
    remove();
    throw error;
  }
};

/**
 * Starts ibc-go's test application as a chain of one validator on free ports, and waits for its first block.
 * @throws GoToolsError `go-tools/run-failed`
 *
 * @example
 * const program = await goProgramOrSkip(context, 'ibc-go-chain');
 * if (program === undefined) return;
 * const chain = await startIbcGoChain({ program, chainId: 'gaia-1', accounts: [{ address, coins: '1000000stake' }] });
 */
export const startIbcGoChain = async (options: IbcGoChainOptions): Promise<IbcGoChain> => {
  const prepared = await prepareIbcGoChain(options);
  const { chainId, rpcUrl, port, home } = prepared;
  let child: ChildProcess | undefined;
  try {
    const started = spawn(prepared.command, prepared.args, { cwd: home, stdio: ['ignore', 'pipe', 'pipe'] });
    child = started;
    const log = join(home, 'node.log');
    const sink = createWriteStream(log);
    started.stdout.pipe(sink, { end: false });
    started.stderr.pipe(sink, { end: false });
    started.once('close', () => sink.end());

    const deadline = Date.now() + (options.startTimeoutMs ?? 60_000);
    while (!(await prepared.hasBlock())) {
      if (started.exitCode !== null || started.signalCode !== null || Date.now() > deadline) {
        const tail = readFileSync(log, 'utf8').slice(-1_500);
        throw new GoToolsError('go-tools/run-failed', `ibc-go-chain made no block:\n${tail}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    return {
      chainId,
      rpcUrl,
      port,
      home,
      async stop() {
        await stopProcess(started);
        prepared.remove();
      },
    };
  } catch (error) {
    if (child !== undefined) await stopProcess(child);
    prepared.remove();
    throw error;
  }
};
