import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { decodeTx } from './support/decode-tx.ts';
import { failsWith, withHarness } from './support/expect.ts';
import { type Harness, packet, packets, query } from './support/harness.ts';

/** Makes the destination answer nothing about packets until it is let go. */
const holdDest = ({ portsB }: Harness): (() => void) => {
  const { reader } = portsB;
  const { commitments } = reader;
  let release = (): void => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  Object.assign(reader, {
    commitments: async (...args: Parameters<typeof commitments>) => {
      await held;
      return commitments(...args);
    },
  });
  return release;
};

const asked = ({ attestors }: Harness): number => attestors.reduce((sum, each) => sum + each.asked.packet, 0);
const until = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
};

/** Relays one packet, so that the client is remembered and attestors have reported heights. */
const warmUp = async (harness: Harness): Promise<void> => {
  const { a, api } = harness;
  const tx = a.send([packet(1_000n)]);
  a.mine();
  await api.relay('a', 'b', query({ sourceTxIds: [tx] }));
  const { height } = a.head;
  await until(() => harness.events.some((event) => event.type === 'attestor-height' && event.height >= height));
};

describe('asking attestors while chains are read', () => {
  const start = withHarness({ config: { clientCacheMs: 60_000 } });

  test('they work while the destination has not answered yet, and are not asked a second time', async () => {
    const harness = await start();
    await warmUp(harness);
    const { a, api } = harness;
    const before = asked(harness);
    const release = holdDest(harness);
    const tx = a.send(packets(3));
    a.mine();
    const relayed = api.relay('a', 'b', query({ sourceTxIds: [tx] }));
    await until(() => asked(harness) === before + 5);
    release();
    assert.equal((await relayed).messages.length, 3);
    assert.equal(asked(harness), before + 5);
  });

  test('what turns out to be done already is asked for without', async () => {
    const harness = await start();
    await warmUp(harness);
    const { a, b, api } = harness;
    const sent = packets(3);
    b.receive(sent.slice(0, 1), new Uint8Array([1]));
    b.mine();
    const tx = a.send(sent);
    a.mine();
    const result = await api.relay('a', 'b', query({ sourceTxIds: [tx] }));
    assert.deepEqual(
      decodeTx(result.tx).map(({ sequence }) => sequence),
      [undefined, 2n, 3n],
    );
  });

  test('what was answered ahead is judged like any other answer', async () => {
    const harness = await start();
    await warmUp(harness);
    const { a, api, attestors } = harness;
    for (const liar of attestors.slice(0, 3)) liar.behaviour = 'answers-other-height';
    const tx = a.send([packet(1n)]);
    a.mine();
    await assert.rejects(api.relay('a', 'b', query({ sourceTxIds: [tx] })), failsWith('proof-api/quorum-not-reached'));
  });

  test('a question that nobody needs any more is given up, and holds no place', async () => {
    const harness = await start({ config: { clientCacheMs: 60_000, maxInFlight: 2 } });
    await warmUp(harness);
    const { a, b, api, attestors } = harness;
    const [done, next] = [packet(1n), packet(2n)];
    b.receive([done], new Uint8Array([1]));
    b.mine();
    for (const each of attestors) each.behaviour = 'hung';
    const before = asked(harness);
    const release = holdDest(harness);
    const tx = a.send([done]);
    a.mine();
    const useless = api.relay('a', 'b', query({ sourceTxIds: [tx] }));
    await until(() => asked(harness) === before + 5);
    release();
    await assert.rejects(useless, failsWith('proof-api/nothing-to-relay', /already-received/));
    for (const each of attestors) each.behaviour = 'honest';
    const other = a.send([next]);
    a.mine();
    // Were the two places of each attestor still taken, this would wait for 8 s and fail.
    assert.equal((await api.relay('a', 'b', query({ sourceTxIds: [other] }))).messages.length, 1);
  });
});
