// General events (S3 2.2.20, table 4).
import { Events } from './Events';

export default function GeneralEvents() {
  return <Events security={false} />;
}
