// Starts a small network, says which processes it is made of, and waits to be killed.
import { startDevnet } from '../../src/index.ts';

const net = await startDevnet({ attestorsPerChain: 1, quorum: 1, services: { relayer: false, proofApi: false } });
net.attestors[0]?.process.stop();
process.stdout.write(`${JSON.stringify({ directory: net.directory, pids: net.processes.map(({ pid }) => pid) })}\n`);
setInterval(() => {}, 1_000);
