import { hex, type ScriptedAnswer, type ScriptedCall, scriptedBlock, word } from './scripted-rpc.ts';

/** Bytes of the init code before the router's address. */
const CODE_BYTES = 0x5a;
const IMPLEMENTATION_SLOT = '0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc';

const heightOf = (blockHash: string): number => Number(BigInt(blockHash));

/** How many hashes a commitment read asks for. */
export const readsOf = (call: ScriptedCall): number => {
  const { data } = call.params[0] as { data: string };
  return ((data.length - 2) / 2 - CODE_BYTES - 32) / 32;
};

/** A node with a head, blocks, and a router behind a proxy in which every commitment is 0x01. */
export const routerNode =
  (head: () => number) =>
  (call: ScriptedCall): ScriptedAnswer => {
    const [first, second] = call.params;
    switch (call.method) {
      case 'eth_blockNumber':
        return { result: hex(head()) };
      case 'eth_getBlockByNumber': {
        const height = first === 'latest' ? head() : Number(first);
        return { result: height > head() ? null : scriptedBlock(height) };
      }
      case 'eth_call': {
        const { blockHash } = second as { blockHash: string };
        const timestamp = word(1_700_000_000 + heightOf(blockHash));
        return { result: `0x${timestamp}${word(7)}${word(1).repeat(readsOf(call))}` };
      }
      case 'eth_getStorageAt':
        return { result: `0x${second === IMPLEMENTATION_SLOT ? word(5) : word(0)}` };
      default:
        return { error: { code: -32601, message: 'method not found' } };
    }
  };
