import { openGuard } from '@interchain-attestation/guard';

const guard = await openGuard({
  path: process.argv[2] ?? 'guard.db',
  key: '0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf',
  source: { chainId: '31337', genesisHash: `0x${'11'.repeat(32)}`, store: 'ibc' },
  create: true, // only where this key has never signed
});

const block = { height: 100n, hash: `0x${'ab'.repeat(32)}`, timestampSec: 1_800_000_000n } as const;
const verdict = await guard.record({ kind: 'state', block });
if (verdict.ok) console.log('on disk: may be signed');

const forked = { ...block, hash: `0x${'cd'.repeat(32)}` } as const;
const refused = await guard.record({ kind: 'state', block: forked });
console.log(refused.conflict?.rule, guard.status().state);
await guard.close();
