import type { Statement, Try } from '../ast.ts';
import { nullVariant } from '../layout.ts';
import { f64, i32, op } from '../wasm/encoder.ts';
import type { Block, BlockWriter } from './blocks.ts';
import type { Jumps } from './jumps.ts';
import { splitVariant } from './variants.ts';
import { wordOf } from './words.ts';

/**
 * ON ERROR, RESUME and TRY. An error unwinds to the engine, which looks through the frames for one whose `handler` is
 * not 0, and lets that frame go on there. Which statement failed is in `at` and `next`, kept up to date by procedures
 * with ON ERROR at the cost of two stores a statement.
 */
export function beginStatement(m: BlockWriter, at: Block, next: Block): void {
  const { e } = m;
  e.identity.block(at, 'begin');
  e.identity.block(next, 'after');
  m.emit(() => {
    e.f.f64(at.index);
    e.set(e.procedure.hidden.at!);
    e.f.f64(next.index);
    e.set(e.procedure.hidden.next!);
  });
}

export function emitOnError(m: BlockWriter, statement: Statement & { kind: 'onError' }): void {
  const { e } = m;
  const { handler, handling } = e.procedure.hidden;
  m.emit(() => {
    const { f, context } = e;
    if (statement.action === 'off' && context.profile === 'classic') {
      // Inside a handler this lets the error have its way.
      e.get(handling!);
      f.f64(0).op(op.f64Ne).if();
      f.f64(0);
      e.set(handler!);
      e.get(context.main.hidden.error!);
      splitVariant(f);
      f.i32(e.position(statement.span))
        .call(context.host('throw', [i32, i32, i32]))
        .op(op.unreachable)
        .end();
    }
    if (statement.action === 'goto') f.f64(m.label(statement.label!.name).index + 1);
    else f.f64(statement.action === 'next' ? -1 : 0);
    e.set(handler!);
  });
}

export function emitResume(m: BlockWriter, statement: Statement & { kind: 'resume' }): void {
  const { e } = m;
  const { handler, handling, failedAt, failedNext } = e.procedure.hidden;
  const here = m.block();
  m.go(here);
  m.tick(statement, here);
  m.emit(() => {
    const { f, context } = e;
    e.get(handling!);
    f.f64(0).op(op.f64Eq).if();
    f.i32(e.position(statement.span))
      .call(context.host('resumeWithoutError', [i32]))
      .op(op.unreachable)
      .end();
    e.get(handling!);
    e.set(handler!);
    f.f64(0);
    e.set(handling!);
    if (statement.to === 'label') return m.jump(m.label(statement.label!.name));
    e.get(statement.to === 'same' ? failedAt! : failedNext!);
    f.truncate();
    m.jumpToNumber();
  });
  m.start(m.block());
}

/**
 * The body runs with `caught` as its handler; the CATCH part, when there is a FINALLY, with one that remembers the error,
 * so that it can be thrown on afterwards. Whatever was active before is put back as soon as a part ends.
 */
export function emitTry(m: BlockWriter, jumps: Jumps, statement: Try, flat: (body: Try['body']) => void): void {
  const { e } = m;
  const { f, context } = e;
  const { handler, handling, gosub } = e.procedure.hidden;
  const error = context.main.hidden.error!;
  const before = e.temporary('num', '@before');
  const beforeHandling = e.temporary('num', '@handling');
  const depth = gosub ? e.temporary('num', 'depth') : null;
  const held = statement.last.length > 0 ? e.temporary('any', 'held') : null;
  const caught = m.block();
  e.identity.block(caught, 'caught');
  const last = m.block();
  const restore = (): void => {
    e.get(before);
    e.set(handler!);
  };
  const handle = (block: Block): void => {
    f.f64(block.index + 1);
    e.set(handler!);
  };
  /** While writing: the part begins with `restore` as the way to leave it. */
  const open = (): void => {
    jumps.openTry(statement, restore);
    e.leaves.push({
      word: 'TRY',
      cleanUp: restore,
      jump: () => {
        restore();
        m.jump(last);
      },
    });
  };
  const close = (): void => {
    jumps.closeTry();
    e.leaves.pop();
    restore();
    m.jump(last);
  };
  const begin = (block: Block): void => {
    m.start(block);
    m.emit(() => {
      restore();
      e.get(beforeHandling);
      e.set(handling!);
      if (!depth) return;
      // GOSUBs that were on their way are given up with the body.
      e.get(gosub!);
      splitVariant(f);
      e.get(depth);
      f.call(context.host('gosubCut', [i32, i32, f64]));
    });
  };
  const hold = (): void => {
    if (!held) return;
    e.get(error);
    e.set(held);
  };
  m.emit(() => {
    e.word = wordOf(statement);
    e.get(handler!);
    e.set(before);
    e.get(handling!);
    e.set(beforeHandling);
    if (held) {
      f.i64(nullVariant);
      e.set(held);
    }
    if (depth) {
      e.get(gosub!);
      splitVariant(f);
      f.call(context.host('gosubDepth', [i32, i32], [f64]));
      e.set(depth);
    }
    handle(caught);
    open();
  });
  flat(statement.body);
  m.emit(close);
  begin(caught);
  if (statement.hasCatch) {
    const failed = m.block();
    e.identity.block(failed, 'failed');
    m.emit(() => {
      if (statement.variable) {
        e.get(error);
        e.assign(statement.variable.variable!, 'any', statement.variable.span);
      }
      if (held) handle(failed);
      open();
    });
    flat(statement.handler);
    m.emit(close);
    if (held) {
      begin(failed);
      m.emit(hold);
    }
  } else m.emit(hold);
  m.go(last);
  flat(statement.last);
  if (!held) return;
  m.emit(() => {
    e.word = wordOf(statement);
    e.get(held);
    f.i64(nullVariant).op(op.i64Ne).if();
    e.get(held);
    splitVariant(f);
    f.i32(e.position(statement.span))
      .call(context.host('throw', [i32, i32, i32]))
      .op(op.unreachable)
      .end();
  });
}
