/**
 * Upstream's `backends/qualcomm/serialization/qc_compiler_spec.fbs` (ExecuTorch 1.5.0). A field is needed if `QnnManager` reads
 * it without a check. Fields that name files of this machine are refused, because the backend would load libraries from them or
 * write to them.
 */
import { maybeTable, maybeTables, number, refused, table, unread, type TableSchema } from './schema.ts';

const foreign = 'names a file of this machine, which no program may';

const htpInfo: TableSchema = { name: 'HtpInfo', fields: [number('htp_arch', 4), number('vtcm_size_in_mb', 4)] };

const htpOptions: TableSchema = {
  name: 'QnnExecuTorchHtpBackendOptions',
  fields: [
    number('max_sf_buf_size', 4),
    number('performance_mode', 4),
    number('precision', 4),
    number('pd_session', 4),
    number('use_conv_hmx', 1),
    number('use_dlbc', 1),
    number('use_fold_relu', 1),
    number('use_multi_contexts', 1),
    number('use_weight_sharing', 1),
  ],
};

export const qnnOptionsSchema: TableSchema = {
  name: 'QnnExecuTorchOptions',
  fields: [
    table('soc_info', { name: 'SocInfo', fields: [number('soc_model', 4), table('htp_info', htpInfo)] }),
    table('backend_options', {
      name: 'QnnExecuTorchBackendOptions',
      fields: [number('backend_type', 4), maybeTable('htp_options', htpOptions)],
    }),
    refused('library_path', 'text', foreign),
    number('log_level', 4),
    number('online_prepare', 1),
    number('dump_intermediate_outputs', 1),
    number('profile_level', 4),
    number('shared_buffer', 1),
    number('is_from_context_binary', 1),
    refused('saver', 'flag', 'makes the backend write files'),
    unread('saver_output_dir'),
    maybeTable('op_package_options', {
      name: 'QnnExecuTorchOpPackageOptions',
      fields: [
        maybeTables('op_package_infos', {
          name: 'QnnExecuTorchOpPackageInfo',
          fields: [unread('op_package_name'), refused('op_package_path', 'text', foreign)],
        }),
      ],
    }),
  ],
};
