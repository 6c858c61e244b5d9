// Forms: the server's refusals at their fields, a guard against losing what was typed, drafts, «Записать · Отмена · Очистить».
import { App, Button, Form, Modal, type FormInstance, type FormProps } from 'antd';
import { useEffect, useRef, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { flushSync } from 'react-dom';
import { useBlocker } from 'react-router';
import { ApiError } from '../api/client';

/** Thrown by a `save` that the person has thought better of: the form stays as it is, nothing is told. */
export class Stay extends Error {}

/** "parts[1].n" → ['parts', 1, 'n'], the way antd names fields. */
function fieldPath(field: string): (string | number)[] {
  return field.split(/[.[\]]+/).filter(Boolean).map((part) => (/^\d+$/.test(part) ? Number(part) : part));
}

/** Puts a refusal's messages at the fields. False when it was none of the fields: tell it otherwise. */
export function putFieldErrors(form: FormInstance, error: unknown): boolean {
  if (!(error instanceof ApiError) || error.fields.length === 0) return false;
  const fields = error.fields.map((f) => ({ name: fieldPath(f.field), errors: [f.message] }));
  form.setFields(fields as never);
  form.scrollToField(fields[0].name, { block: 'center', focus: true });
  const known = new Set(form.getFieldsError().map((f) => f.name.join('.')));
  return fields.every((f) => known.has(f.name.join('.')));
}

/** Asks before a page with unsaved words is left, within the app and by closing it. `kept`: a draft of them stays. */
export function useLeaveGuard(dirty: boolean, kept = false) {
  const { modal } = App.useApp();
  const { t } = useTranslation('app');
  const blocker = useBlocker(({ currentLocation, nextLocation }) => dirty && currentLocation.pathname !== nextLocation.pathname);
  useEffect(() => {
    if (blocker.state !== 'blocked') return;
    const question = modal.confirm({
      title: t('unsaved.title'), content: t(kept ? 'unsaved.kept' : 'unsaved.hint'), okText: t('unsaved.leave'), okButtonProps: { danger: true }, cancelText: t('unsaved.stay'),
      onOk: () => blocker.proceed(), onCancel: () => blocker.reset(),
    });
    return question.destroy;
  }, [blocker, modal, t, kept]);
  useEffect(() => {
    if (!dirty) return;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener('beforeunload', ask);
    return () => removeEventListener('beforeunload', ask);
  }, [dirty]);
}

/** In a form only while it is wanted: a router takes one guard at a time. */
function LeaveGuard({ dirty, kept }: { dirty: boolean; kept: boolean }) {
  useLeaveGuard(dirty, kept);
  return null;
}

/** What is typed survives a reload and a lost session: kept in the tab until it is saved or cleared. */
function useDraft(name: string | undefined, form: FormInstance, secrets: string[]) {
  const key = name && `svod.draft.${name}`;
  return {
    restore: () => {
      const kept = key && sessionStorage.getItem(key);
      if (!kept) return false;
      form.setFieldsValue(JSON.parse(kept));
      return true;
    },
    keep: () => {
      if (!key) return;
      const words = { ...form.getFieldsValue(true) };
      for (const secret of secrets) delete words[secret];
      sessionStorage.setItem(key, JSON.stringify(words));
    },
    drop: () => void (key && sessionStorage.removeItem(key)),
  };
}

interface SaveFormProps<T> extends Omit<FormProps<T>, 'onFinish' | 'children'> {
  /** Sends it; what it throws is shown, at the fields where it names them. */
  save: (values: T) => Promise<unknown>;
  onSaved?: () => void;
  onCancel?: () => void;
  /** Name of the draft; without it nothing is kept over a reload. */
  draft?: string;
  /** Fields never kept in a draft. */
  secrets?: string[];
  saveText?: string;
  /** Told when the form holds something unsaved. */
  onDirty?: (dirty: boolean) => void;
  /** Leaves the address alone: a dialog has its own question. */
  guard?: boolean;
  children: ReactNode;
}

/** A form with its buttons. */
export function SaveForm<T>({ save, onSaved, onCancel, draft, secrets = [], saveText, onDirty, guard = true, children, form: given, ...rest }: SaveFormProps<T>) {
  const [own] = Form.useForm<T>();
  const form = given ?? own;
  const { message } = App.useApp();
  const { t } = useTranslation('app');
  const [dirty, setDirty] = useState(false);
  const [busy, setBusy] = useState(false);
  const kept = useDraft(draft, form as FormInstance, secrets);
  const mark = (value: boolean) => {
    setDirty(value);
    onDirty?.(value);
  };
  /** While it is being saved nothing can be typed: what comes back would take its place. Where the person was is kept. */
  const away = (saving: boolean, former?: Element | null) => {
    flushSync(() => setBusy(saving));
    if (former instanceof HTMLElement && former.isConnected && document.activeElement === document.body) former.focus();
  };
  const began = useRef(false);
  useEffect(() => {
    if (!began.current && kept.restore()) {
      mark(true);
      void message.info(t('draftRestored'));
    }
    began.current = true;
  });
  const finish = async (values: T) => {
    const place = document.activeElement;
    away(true);
    form.setFields(form.getFieldsError().filter(({ errors }) => errors.length).map(({ name }) => ({ name, errors: [] })) as never); // what the server said last time
    kept.drop(); // the form may be made anew with what was saved, before we hear of it
    try {
      await save(values);
      flushSync(() => mark(false)); // so that the guard is gone when onSaved leaves the page
      away(false, place);
      onSaved?.();
    } catch (e) {
      if (dirty) kept.keep();
      away(false, place);
      if (!(e instanceof Stay) && !putFieldErrors(form as FormInstance, e)) void message.error(e instanceof Error ? e.message : String(e));
    }
  };
  const clear = () => {
    form.resetFields();
    kept.drop();
    mark(false);
  };
  return (
    <Form<T> layout="vertical" {...rest} form={form} onFinish={finish} scrollToFirstError
      onValuesChange={(changed, all) => {
        mark(true);
        kept.keep();
        rest.onValuesChange?.(changed, all);
      }}>
      {guard && <LeaveGuard dirty={dirty} kept={!!draft} />}
      <div inert={busy} style={{ display: 'contents' }}>{children}</div>
      <div className="toolbar" style={{ marginTop: 8 }}>
        <Button type="primary" htmlType="submit" loading={busy}>{saveText ?? t('save')}</Button>
        {onCancel && <Button onClick={onCancel}>{t('cancel')}</Button>}
        <Button type="text" onClick={clear} disabled={!dirty || busy}>{t('clear')}</Button>
      </div>
    </Form>
  );
}

interface FormDialogProps<T> extends Omit<SaveFormProps<T>, 'title'> {
  open: boolean;
  title: ReactNode;
  onClose: () => void;
  width?: number;
}

/** The same in a dialog; closing it with unsaved words asks. */
export function FormDialog<T>({ open, title, onClose, onSaved, width = 560, children, ...rest }: FormDialogProps<T>) {
  const { modal } = App.useApp();
  const { t } = useTranslation('app');
  const dirty = useRef(false);
  const close = () => {
    if (!dirty.current) return onClose();
    modal.confirm({
      title: t('unsaved.title'), content: t('unsaved.hint'), okText: t('unsaved.leave'), okButtonProps: { danger: true }, cancelText: t('unsaved.stay'),
      onOk: () => {
        if (rest.draft) sessionStorage.removeItem(`svod.draft.${rest.draft}`);
        onClose();
      },
    });
  };
  return (
    <Modal open={open} title={title} onCancel={close} footer={null} width={width} destroyOnHidden mask={{ closable: false }}>
      <SaveForm<T> {...rest} guard={false} onDirty={(value) => void (dirty.current = value)} onCancel={close}
        onSaved={() => {
          onSaved?.();
          onClose();
        }}>
        {children}
      </SaveForm>
    </Modal>
  );
}
