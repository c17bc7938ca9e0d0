{{/*
Whole seconds, rounded up, of a duration of the configuration. Takes `path` and `value`.
A variable's value is not known here, so that the grace period could not be told from it.
*/}}
{{- define "sluice.seconds" -}}
{{- $text := toString .value -}}
{{- if not (regexMatch "^[0-9]+([.][0-9]+)?(ms|s|m|h)$" $text) -}}
{{- fail (printf "config.%s: %q is not a duration such as 90s; the grace period of the pods is counted from it, so it can be no variable" .path $text) -}}
{{- end -}}
{{- $unit := regexFind "[a-z]+$" $text -}}
{{- $factor := get (dict "ms" 0.001 "s" 1.0 "m" 60.0 "h" 3600.0) $unit -}}
{{- mulf (trimSuffix $unit $text | float64) $factor | ceil | int -}}
{{- end -}}

{{/* The longest `timeouts.total` of any provider: no reply lasts longer. */}}
{{- define "sluice.longestStream" -}}
{{- $config := .Values.config -}}
{{- if .Values.drain.longestStreamSeconds -}}
{{- int .Values.drain.longestStreamSeconds -}}
{{- else -}}
{{- $common := dig "upstream" "timeouts" "total" "3600s" $config -}}
{{- $longest := include "sluice.seconds" (dict "path" "upstream.timeouts.total" "value" $common) | int -}}
{{- range $name, $provider := $config.providers | default dict -}}
{{- with dig "timeouts" "total" "" ($provider | default dict) -}}
{{- $longest = max $longest (include "sluice.seconds" (dict "path" (printf "providers.%s.timeouts.total" $name) "value" .) | int) -}}
{{- end -}}
{{- end -}}
{{- $longest -}}
{{- end -}}
{{- end -}}

{{/* The Gateway API writes five digits at most. */}}
{{- define "sluice.routeTimeout" -}}
{{- $seconds := add (include "sluice.longestStream" . | int) (int .Values.drain.marginSeconds) -}}
{{- if lt $seconds 100000 -}}{{ $seconds }}s{{- else -}}{{ div $seconds 3600 }}h{{ mod $seconds 3600 }}s{{- end -}}
{{- end -}}

{{/* How long open requests may finish: what the configuration says, else as long as the longest stream. */}}
{{- define "sluice.drainSeconds" -}}
{{- $own := dig "gateway" "timeouts" "drain" "" .Values.config -}}
{{- if $own -}}
{{- include "sluice.seconds" (dict "path" "gateway.timeouts.drain" "value" $own) -}}
{{- else -}}
{{- include "sluice.longestStream" . -}}
{{- end -}}
{{- end -}}

{{/* Between SIGTERM and the end of new requests. */}}
{{- define "sluice.drainDelaySeconds" -}}
{{- $own := dig "gateway" "timeouts" "drainDelay" "" .Values.config -}}
{{- if $own -}}
{{- include "sluice.seconds" (dict "path" "gateway.timeouts.drainDelay" "value" $own) -}}
{{- else if include "sluice.hasPreStopSleep" . -}}
0
{{- else -}}
{{- int .Values.drain.preStopSeconds -}}
{{- end -}}
{{- end -}}

{{/* The kubelet counts the hook's time, too; the margin is for the last words of streams and the stores' last writes. */}}
{{- define "sluice.graceSeconds" -}}
{{- $hook := ternary (int .Values.drain.preStopSeconds) 0 (eq (include "sluice.hasPreStopSleep" .) "yes") -}}
{{- $delay := include "sluice.drainDelaySeconds" . | int -}}
{{- add $hook $delay (include "sluice.drainSeconds" . | int) (int .Values.drain.marginSeconds) -}}
{{- end -}}
