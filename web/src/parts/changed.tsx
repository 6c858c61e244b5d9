// Two people at one thing: a PATCH sends only what was changed, and when somebody was faster (409 `changed`) both versions are
// shown field by field and the person decides.
import { App, Button, Flex, Table, Typography, type FormInstance } from 'antd';
import { useCallback, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError } from '../api/client';
import { Stay } from './forms';

type Words = Record<string, unknown>;
interface Seen {
  revision: number;
}

const same = (a: unknown, b: unknown) => JSON.stringify(a ?? null) === JSON.stringify(b ?? null);

const isMap = (value: unknown): value is Words => value !== null && typeof value === 'object' && !Array.isArray(value);

/** Maps are compared by their members: "depths.day", "parameters.client"; those that are one thing are compared whole. */
function flat(words: Words, whole: string[], prefix = ''): Words {
  return Object.fromEntries(Object.entries(words).flatMap(([key, value]) => (
    isMap(value) && !whole.includes(key) ? Object.entries(flat(value, whole, `${prefix}${key}.`)) : [[prefix + key, value]])));
}

/** Fields of `mine` that are not as they were. */
export function changedFields(was: object, mine: object): Words {
  return Object.fromEntries(Object.entries(mine).filter(([key, value]) => value !== undefined && !same(value, (was as Words)[key])));
}

interface Careful<T extends Seen> {
  /** What the form was filled from. */
  seen: T;
  mine: object;
  /** Sends the changed fields with the revision. */
  patch: (fields: Words & Seen) => Promise<unknown>;
  /** The row as it is now, as the form has it, where the refusal does not bring it. */
  fresh: () => Promise<T>;
  /** The form is of another shape than the row: what the refusal brings will not do. */
  reshaped?: boolean;
  /** Fields that are maps and yet one thing ("schedule"): taken or left as a whole. */
  whole?: string[];
  /** Name of a field ("group", "parameters.client") for a person. */
  label: (field: string) => string;
  /** A value of a field for a person, where it is not a word or a number. */
  show?: (field: string, value: unknown) => ReactNode;
  form?: FormInstance;
  /** The form now shows this row. */
  onTaken?: (now: T) => void;
}

interface Difference {
  field: string;
  was: unknown;
  now: unknown;
  mine: unknown;
}

/** What they have changed since; where I changed nothing, mine is theirs. */
function differences(seen: object, now: object, mine: object, whole: string[]): Difference[] {
  const was = flat(seen as Words, whole), is = flat(now as Words, whole), my = flat(mine as Words, whole);
  return Object.keys({ ...is, ...my }).filter((field) => field in my || field in was)
    .filter((field) => field !== 'revision' && field in my && !same(was[field], is[field]))
    .map((field) => ({ field, was: was[field], now: is[field], mine: same(my[field], was[field]) ? is[field] : my[field] }));
}

const shown = (value: unknown): ReactNode => (value === undefined || value === null || value === '' ? '—' : typeof value === 'boolean' ? (value ? '✓' : '✗') : String(value));

/** Fields to send over what is there now: members of a map that only they have changed stay theirs. */
function over(seen: object, now: object, mine: object, whole: string[]): Words {
  const fields: Words = {};
  for (const [key, value] of Object.entries(changedFields(seen, mine))) {
    const is = (now as Words)[key];
    fields[key] = isMap(value) && isMap(is) && !whole.includes(key) ? { ...is, ...changedFields(((seen as Words)[key] ?? {}) as object, value) } : value;
  }
  return fields;
}

export function useCarefulSave() {
  const { modal } = App.useApp();
  const { t } = useTranslation('app');
  return useCallback(async <T extends Seen>({ seen, mine, patch, fresh, label, form, onTaken, reshaped, whole = [], show = (_, value) => shown(value) }: Careful<T>): Promise<void> => {
    const fields = changedFields(seen, mine);
    if (Object.keys(fields).length === 0) return;
    try {
      await patch({ ...fields, revision: seen.revision });
      return;
    } catch (e) {
      if (!(e instanceof ApiError) || e.code !== 'changed') throw e;
      const now = (!reshaped && (e.current as T | undefined)) || (await fresh());
      const rows = differences(seen, now, mine, whole);
      const choice = await new Promise<'mine' | 'theirs' | 'stay'>((decide) => {
        const question = modal.confirm({
          title: t('changed.title'), width: 720, icon: null, footer: null, closable: true, onCancel: () => decide('stay'), keyboard: true,
          content: (
            <Flex vertical gap={12} data-testid="changed">
              <Typography.Text>{rows.length ? t('changed.hint') : t('changed.elsewhere')}</Typography.Text>
              {rows.length > 0 && (
                <Table<Difference> size="small" pagination={false} rowKey="field" dataSource={rows} scroll={{ x: 'max-content', y: 320 }} columns={[
                  { title: t('changed.field'), dataIndex: 'field', render: (field: string) => label(field) },
                  { title: t('changed.was'), dataIndex: 'was', render: (value, row) => show(row.field, value) },
                  { title: t('changed.now'), dataIndex: 'now', render: (value, row) => show(row.field, value) },
                  { title: t('changed.mine'), dataIndex: 'mine', render: (value, row) => (same(value, row.now) ? show(row.field, value) : <b>{show(row.field, value)}</b>) },
                ]} />
              )}
              <Flex wrap gap={8}>
                {(['mine', 'theirs', 'stay'] as const).map((kind) => (
                  <Button key={kind} type={kind === 'mine' ? 'primary' : 'default'} onClick={() => { question.destroy(); decide(kind); }}>{t(`changed.${kind}Button`)}</Button>
                ))}
              </Flex>
            </Flex>
          ),
        });
      });
      if (choice === 'mine') {
        const next = { ...now, ...over(seen, now, mine, whole) };
        await patch({ ...changedFields(now, next), revision: now.revision });
        return;
      }
      if (choice === 'theirs') {
        onTaken?.(now);
        form?.setFieldsValue(now as never);
      }
      throw new Stay();
    }
  }, [modal, t]);
}
