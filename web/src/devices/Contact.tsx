// How a device was last spoken with.
import { Tooltip } from 'antd';
import { useTranslation } from 'react-i18next';
import { timeText } from '../app/format';
import { State } from '../parts/state';

interface Contacted {
  contact: string;
  contact_text: string;
  contact_since: string | null;
}

export const contactKind = (contact: string) => (contact === 'good' ? 'ok' : contact === 'never' ? 'never' : 'failed');

export function Contact({ device }: { device: Contacted }) {
  const { t } = useTranslation('devices');
  const state = <State kind={contactKind(device.contact)}>{device.contact_text}</State>;
  return device.contact_since ? <Tooltip title={t('contactSince', { time: timeText(device.contact_since) })}>{state}</Tooltip> : state;
}
