// Doing: telling how it went, and asking before what cannot be undone.
import { App } from 'antd';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

/** Asks before what cannot be undone; says how much will go. */
export function useDestructive() {
  const { modal, message } = App.useApp();
  const { t } = useTranslation('app');
  return (question: { title: string; content?: ReactNode; okText: string; act: () => Promise<unknown>; done?: string }) =>
    modal.confirm({
      title: question.title, content: question.content, okText: question.okText, okButtonProps: { danger: true }, cancelText: t('cancel'),
      onOk: async () => {
        try {
          await question.act();
          if (question.done) void message.success(question.done);
        } catch (e) {
          void message.error(e instanceof Error ? e.message : String(e), 8);
        }
      },
    });
}

/** Runs an action and tells how it went. */
export function useAct() {
  const { message } = App.useApp();
  return async <T,>(act: () => Promise<T>, done?: string): Promise<T | undefined> => {
    try {
      const result = await act();
      if (done) void message.success(done);
      return result;
    } catch (e) {
      void message.error(e instanceof Error ? e.message : String(e), 8);
      return undefined;
    }
  };
}
