import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Admission } from '../src/admission.ts';

const never = new AbortController().signal;

const gate = () => {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
};

describe('admission', () => {
  test('work enters in order while it fits; what waits is not overtaken by lighter work', async () => {
    const admission = new Admission(10);
    const order: string[] = [];
    const first = gate();
    const work =
      (name: string, until: Promise<void> = Promise.resolve()) =>
      async () => {
        order.push(name);
        await until;
      };
    const running = [
      admission.run(6, never, work('a', first.opened)),
      admission.run(6, never, work('b')),
      admission.run(1, never, work('c')),
    ];
    await Promise.resolve();
    assert.deepEqual(order, ['a']);
    first.open();
    await Promise.all(running);
    assert.deepEqual(order, ['a', 'b', 'c']);
  });

  test('work heavier than the limit goes alone, and failures give their place back', async () => {
    const admission = new Admission(10);
    await assert.rejects(
      admission.run(50, never, () => Promise.reject(new Error('x'))),
      /x/,
    );
    assert.equal(await admission.run(50, never, async () => 1), 1);
  });

  test('who stops waiting leaves the queue and holds up nobody', async () => {
    const admission = new Admission(1);
    const first = gate();
    const holding = admission.run(1, never, () => first.opened);
    const controller = new AbortController();
    const left = admission.run(1, controller.signal, async () => assert.fail('must not run'));
    const third = admission.run(1, never, async () => 'third');
    controller.abort(new Error('left'));
    await assert.rejects(left, /left/);
    first.open();
    await holding;
    assert.equal(await third, 'third');
    await assert.rejects(
      admission
        .run(1, controller.signal, async () => 1)
        .then(async () => {
          throw new Error('ran without waiting');
        }),
      /ran without waiting/,
    );
  });
});
