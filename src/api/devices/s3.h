/* The JSON of manual S3, appendix 1: channels, protocols, groups with devices and their communication lines.
 *
 * Of DLMS the settings are S3's own (DLMS_AUTHENTICATION...); what S3 has no name for, and other drivers, go as "SVOD_<name>".
 * A line's own parameters have no place there, but for its address: such a line comes out with a protocol of its own. */
#pragma once
#include "api/devices/intake.h"

/* Reads the file into `in`; what is wrong is noted by its place. False when it is not such a file at all. */
bool s3_read(struct intake *in, struct call *c, const json_t *file);

/* Writes the settings of a channel or a profile as the text of a JSON object. `secrets`: passwords too, else "***". */
void s3_put_link(struct json_writer *j, const struct store_link *k, const char *guid);
void s3_put_protocol(struct json_writer *j, const char *guid, const char *title, const char *driver, const char *parameters, bool secrets);

/* "DT_CE307" and "DL_CE_307" of a device. */
void s3_device_type(const struct store_meter *m, struct text *t);
void s3_device_lib(const struct store_meter *m, struct text *t);
extern const char *const s3_statuses[METER_STATUSES];
