// One change of many things: devices, channels, profiles.
import { App } from 'antd';
import { useTranslation } from 'react-i18next';
import { api, ApiError, type Answer } from '../api/client';
import { useDestructive } from '../parts/acts';
import { useRegistryChanged } from './registry';

/** Gives the devices these fields, all of them or none; returns how many were changed. */
export async function changeMany(ids: number[], device: object): Promise<number> {
  return (await api.post<Answer<'/api/v1/devices/wizard', 'post'>>('/devices/wizard', { ids, set: { device } })).devices;
}

/** What devices are described with and may share. Its dictionary has the words of both hooks below. */
type Kind = 'links' | 'protocols';

interface Shared {
  id: number;
  title: string;
  /** How many devices use it. */
  devices: number;
}

/** Gives all of them the fields of `set`; refusals stand at the fields of the dialog, which does not know of `set`. */
export function useEditMany(kind: Kind) {
  const { t } = useTranslation(kind);
  const { message } = App.useApp();
  const changed = useRegistryChanged();
  return async (rows: Shared[], set: object) => {
    try {
      const { changed: count } = await api.post<Answer<'/api/v1/links/edit', 'post'>>(`/${kind}/edit`, { ids: rows.map((row) => row.id), set });
      void message.success(t('changedMany', { count }));
    } catch (e) {
      if (e instanceof ApiError && e.fields.length) throw new ApiError(e.status, e.code, e.message, e.fields.map((f) => ({ ...f, field: f.field.replace(/^set\./, '') })));
      throw e;
    }
    await changed();
  };
}

/** Asks, deletes those that no device uses, and says which had to stay. */
export function useDeleteMany(kind: Kind) {
  const { t } = useTranslation(kind);
  const { message } = App.useApp();
  const destructive = useDestructive();
  const changed = useRegistryChanged();
  return (rows: Shared[], done: () => void) => {
    const used = rows.filter((row) => row.devices > 0);
    destructive({
      title: t('deleteTitle', { count: rows.length }), okText: t('app:delete'),
      content: used.length ? t('deleteUsed', { titles: used.slice(0, 5).map((row) => `${row.title} (${row.devices})`).join(', ') }) : rows.slice(0, 5).map((row) => row.title).join(', '),
      act: async () => {
        const answer = await api.post<Answer<'/api/v1/links/delete', 'post'>>(`/${kind}/delete`, { ids: rows.map((row) => row.id) });
        done();
        await changed();
        void (answer.used.length ? message.warning(t('deletedSome', { deleted: answer.deleted, used: answer.used.length }), 8) : message.success(t('deleted', { count: answer.deleted })));
      },
    });
  };
}
