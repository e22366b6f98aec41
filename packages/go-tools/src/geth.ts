import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { GoToolsError } from './errors.ts';
import { stopProcess } from './stop-process.ts';

export interface GethOptions {
  /** Path of the program `geth`. */
  readonly program: string;
  /** Seconds between blocks; 0, the default: a block for each transaction and none without. */
  readonly blockTimeSec?: number;
  /** Gas limit of a block; default 36,000,000. */
  readonly gasLimit?: number;
  /** Transactions of one account that wait at a time; by default 16, and 64 with a gap before them. */
  readonly accountSlots?: number;
  /** Bound on the time until it listens, milliseconds; default 60,000. */
  readonly startTimeoutMs?: number;
}

/** A running geth in development mode: chain id 1337, nobody to talk to, everything in memory. */
export interface Geth {
  /** `http://127.0.0.1:port`; the WebSocket is at the same port. */
  readonly rpcUrl: string;
  readonly port: number;
  /** The development account, 0x hex: the node holds its key, and signs for it in `eth_sendTransaction`. */
  readonly account: `0x${string}`;
  /** @throws GoToolsError `go-tools/run-failed` with the node's words when it refuses */
  rpc<T>(method: string, params?: readonly unknown[]): Promise<T>;
  /** Ends the process, and waits until it is gone. */
  stop(): Promise<void>;
}

const DEFAULT_GAS_LIMIT = 36_000_000;
const LOG_TAIL = 1_500;

const createRpc = (url: string): Geth['rpc'] => {
  return async <T>(method: string, params: readonly unknown[] = []): Promise<T> => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
    });
    const { result, error } = (await response.json()) as { result: T; error?: { message: string } };
    if (error !== undefined) throw new GoToolsError('go-tools/run-failed', `geth: ${method}: ${error.message}`);
    return result;
  };
};

/** A geth that is ready to be started by whoever manages processes. */
export interface PreparedGeth {
  readonly home: string;
  readonly command: string;
  readonly args: readonly string[];
  /** The port that it listens on, in the line of its log that says so. */
  portIn(line: string): number | undefined;
  /** Removes its folder. */
  remove(): void;
}

/** Arguments of a geth in development mode that chooses a free port of the loopback interface. */
export const prepareGeth = (options: GethOptions): PreparedGeth => {
  const home = mkdtempSync(join(tmpdir(), 'geth-'));
  const args = ['--dev', '--dev.gaslimit', String(options.gasLimit ?? DEFAULT_GAS_LIMIT)];
  args.push('--dev.period', String(options.blockTimeSec ?? 0));
  args.push('--datadir', home, '--ipcdisable', '--nodiscover', '--maxpeers', '0', '--port', '0', '--cache', '128');
  if (options.accountSlots !== undefined) {
    args.push(
      '--txpool.accountslots',
      String(options.accountSlots),
      '--txpool.accountqueue',
      `${options.accountSlots}`,
    );
  }
  args.push('--http', '--http.addr', '127.0.0.1', '--http.port', '0', '--http.api', 'eth,net,web3,debug');
  args.push('--ws', '--ws.addr', '127.0.0.1', '--ws.port', '0', '--authrpc.port', '0');
  return {
    home,
    command: options.program,
    args,
    portIn(line) {
      const found = /HTTP server started\s+endpoint=127\.0\.0\.1:(\d+)/.exec(line);
      return found === null ? undefined : Number(found[1]);
    },
    remove: () => rmSync(home, { recursive: true, force: true, maxRetries: 3 }),
  };
};

/**
 * Starts geth in development mode on a free port of the loopback interface.
 * @throws GoToolsError `go-tools/run-failed`
 *
 * @example
 * const program = await goProgramOrSkip(context, 'geth');
 * if (program === undefined) return;
 * const geth = await startGeth({ program });
 */
export const startGeth = async (options: GethOptions): Promise<Geth> => {
  const { home, command, args, portIn, remove } = prepareGeth(options);
  const child = spawn(command, args, { cwd: home, stdio: ['ignore', 'ignore', 'pipe'] });
  const stop = async (): Promise<void> => {
    await stopProcess(child);
    remove();
  };
  let log = '';
  try {
    const port = await new Promise<number>((resolve, reject) => {
      const fail = (what: string): void =>
        reject(new GoToolsError('go-tools/run-failed', `geth ${what}:\n${log.slice(-LOG_TAIL)}`));
      const timer = setTimeout(() => fail('did not listen in time'), options.startTimeoutMs ?? 60_000);
      child.once('error', (error) => fail(`does not start: ${error.message}`));
      child.once('exit', () => fail('ended before it listened'));
      createInterface({ input: child.stderr }).on('line', (line) => {
        log = `${log.slice(-LOG_TAIL)}${line}\n`;
        const listens = portIn(line);
        if (listens === undefined) return;
        clearTimeout(timer);
        resolve(listens);
      });
    });
    const rpcUrl = `http://127.0.0.1:${port}`;
    const rpc = createRpc(rpcUrl);
    const [account] = await rpc<`0x${string}`[]>('eth_accounts');
    if (account === undefined) throw new GoToolsError('go-tools/run-failed', 'geth has no development account');
    return { rpcUrl, port, account, rpc, stop };
  } catch (error) {
    await stop();
    throw error;
  }
};
