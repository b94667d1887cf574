{{- define "arngate.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "arngate.fullname" -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" }}
{{- else }}
{{- $name := include "arngate.name" . }}
{{- if contains $name .Release.Name }}
{{- .Release.Name | trunc 63 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name $name | trunc 63 | trimSuffix "-" }}
{{- end }}
{{- end }}
{{- end }}

{{- define "arngate.selectorLabels" -}}
app.kubernetes.io/name: {{ include "arngate.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "arngate.labels" -}}
{{ include "arngate.selectorLabels" . }}
app.kubernetes.io/version: {{ .Values.image.tag | default .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end }}

{{- define "arngate.image" -}}
{{- if .Values.image.digest }}
{{- printf "%s@%s" .Values.image.repository .Values.image.digest }}
{{- else }}
{{- printf "%s:%s" .Values.image.repository (.Values.image.tag | default .Chart.AppVersion) }}
{{- end }}
{{- end }}

{{- define "arngate.serviceAccountName" -}}
{{- if .Values.serviceAccount.create }}
{{- .Values.serviceAccount.name | default (include "arngate.fullname" .) }}
{{- else }}
{{- .Values.serviceAccount.name | default "default" }}
{{- end }}
{{- end }}

{{/* The backends, separated by commas. */}}
{{- define "arngate.backends" -}}
{{- if .Values.existingConfigMap }}
{{- join "," .Values.backends }}
{{- else }}
{{- join "," (dig "server" "backendMode" (list "MountedFile") .Values.config) }}
{{- end }}
{{- end }}

{{- define "arngate.readsConfigMap" -}}
{{- if has "EKSConfigMap" (splitList "," (include "arngate.backends" .)) }}yes{{ end }}
{{- end }}

{{- define "arngate.readsCrd" -}}
{{- if has "CRD" (splitList "," (include "arngate.backends" .)) }}yes{{ end }}
{{- end }}

{{- define "arngate.asksCluster" -}}
{{- if or (include "arngate.readsConfigMap" .) (include "arngate.readsCrd" .) }}yes{{ end }}
{{- end }}

{{/* Whether the new pod of a node runs beside the old one for a while. */}}
{{- define "arngate.surges" -}}
{{- $rolling := default (dict) .Values.updateStrategy.rollingUpdate -}}
{{- if and (eq .Values.workload "DaemonSet") (ne .Values.updateStrategy.type "OnDelete") (not (has (toString (default 0 $rolling.maxSurge)) (list "0" "0%"))) }}yes{{ end }}
{{- end }}

{{/* As an URL has it. */}}
{{- define "arngate.healthHost" -}}
{{- if contains ":" .Values.health.address }}{{ printf "[%s]" .Values.health.address }}{{ else }}{{ .Values.health.address }}{{ end }}
{{- end }}

{{- define "arngate.isLoopback" -}}
{{- if or (hasPrefix "127." .) (eq . "::1") }}yes{{ end }}
{{- end }}

{{/* What would make a pod that cannot work. */}}
{{- define "arngate.check" -}}
{{- if and (not .Values.existingConfigMap) (ne .Values.workload "StaticPod") }}
{{- if not .Values.config.clusterID }}
{{- fail "config.clusterID is required: tokens are signed for it (any unique name of the cluster)" }}
{{- end }}
{{- end }}
{{- $server := default (dict) .Values.config.server }}
{{- range $key := list "address" "port" "healthAddress" "healthPort" "metricsAddress" "metricsPort" "reusePort" "stateDir" "generateKubeconfig" "kubeconfigPregenerated" }}
{{- if hasKey $server $key }}
{{- fail (printf "config.server.%s: set it by the chart's own value (webhook, health, metrics, hostPaths, updateStrategy), which the pod needs as well" $key) }}
{{- end }}
{{- end }}
{{- $rolling := default (dict) .Values.updateStrategy.rollingUpdate }}
{{- if and (include "arngate.surges" .) (not (has (toString (default 0 $rolling.maxUnavailable)) (list "0" "0%"))) }}
{{- fail "updateStrategy.rollingUpdate: one of maxSurge and maxUnavailable must be 0: the new pod of a node starts before the old one ends, or after" }}
{{- end }}
{{- if and (eq .Values.workload "StaticPod") (include "arngate.asksCluster" .) }}
{{- fail "workload StaticPod has no service account: use the backends MountedFile and DynamicFile, or give server.kubeconfig in the node's configuration file and leave backendMode to it" }}
{{- end }}
{{- end }}

{{/* What both containers must agree upon. Environment beats the configuration file, so one place decides. */}}
{{- define "arngate.env" -}}
- name: ARNGATE_SERVER_ADDRESS
  value: {{ .Values.webhook.address | quote }}
- name: ARNGATE_SERVER_PORT
  value: {{ .Values.webhook.port | quote }}
- name: ARNGATE_SERVER_HEALTH_ADDRESS
  value: {{ .Values.health.address | quote }}
- name: ARNGATE_SERVER_HEALTH_PORT
  value: {{ .Values.health.port | quote }}
{{- if .Values.metrics.enabled }}
- name: ARNGATE_SERVER_METRICS_ADDRESS
  value: {{ .Values.metrics.address | quote }}
- name: ARNGATE_SERVER_METRICS_PORT
  value: {{ .Values.metrics.port | quote }}
{{- end }}
{{- if include "arngate.surges" . }}
- name: ARNGATE_SERVER_REUSE_PORT
  value: "true"
{{- end }}
- name: ARNGATE_SERVER_STATE_DIR
  value: /var/lib/arngate
- name: ARNGATE_SERVER_GENERATE_KUBECONFIG
  value: /etc/kubernetes/arngate/kubeconfig.yaml
- name: ARNGATE_SERVER_KUBECONFIG_PREGENERATED
  value: "true"
{{- with .Values.env }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* The pod of both workloads: its spec. */}}
{{- define "arngate.podSpec" -}}
{{- $static := eq .Values.workload "StaticPod" -}}
hostNetwork: true
# The node's resolver: the cluster's own may need an API server that waits for this pod.
dnsPolicy: Default
enableServiceLinks: false
priorityClassName: {{ .Values.priorityClassName }}
terminationGracePeriodSeconds: {{ .Values.terminationGracePeriodSeconds }}
{{- if not $static }}
serviceAccountName: {{ include "arngate.serviceAccountName" . }}
automountServiceAccountToken: {{ include "arngate.asksCluster" . | eq "yes" }}
{{- with .Values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}
securityContext:
  seccompProfile:
    type: RuntimeDefault
{{- if .Values.init.enabled }}
initContainers:
  # Root, for as long as it takes to make the files and give them away: the folders of the node belong to root.
  - name: init
    image: {{ include "arngate.image" . }}
    imagePullPolicy: {{ .Values.image.pullPolicy }}
    args:
      - init
      - --config=/etc/arngate/config.yaml
      - --owner={{ .Values.runAsUser }}:{{ .Values.runAsGroup }}
    env:
      {{- include "arngate.env" . | nindent 6 }}
    securityContext:
      runAsUser: 0
      runAsGroup: 0
      runAsNonRoot: false
      allowPrivilegeEscalation: false
      readOnlyRootFilesystem: true
      capabilities:
        drop: [ALL]
        add: [CHOWN, DAC_OVERRIDE, FOWNER]
    resources:
      {{- toYaml .Values.resources | nindent 6 }}
    volumeMounts:
      - name: config
        mountPath: /etc/arngate
        readOnly: true
      - name: state
        mountPath: /var/lib/arngate
      - name: kubeconfig
        mountPath: /etc/kubernetes/arngate
{{- end }}
containers:
  - name: arngate
    image: {{ include "arngate.image" . }}
    imagePullPolicy: {{ .Values.image.pullPolicy }}
    args:
      - server
      - --config=/etc/arngate/config.yaml
      {{- if include "arngate.readsCrd" . }}
      - --feature-gates=IAMIdentityMappingCRD=true
      {{- end }}
      {{- range .Values.extraArgs }}
      - {{ . | quote }}
      {{- end }}
    env:
      {{- include "arngate.env" . | nindent 6 }}
    {{- with .Values.envFrom }}
    envFrom:
      {{- toYaml . | nindent 6 }}
    {{- end }}
    {{- if not (include "arngate.surges" .) }}
    # On the node's network a port may be named only where it is: the scheduler keeps two pods off one port. So none is
    # named where two may share it.
    ports:
      - name: webhook
        containerPort: {{ .Values.webhook.port }}
        hostPort: {{ .Values.webhook.port }}
      - name: health
        containerPort: {{ .Values.health.port }}
        hostPort: {{ .Values.health.port }}
      {{- if .Values.metrics.enabled }}
      - name: metrics
        containerPort: {{ .Values.metrics.port }}
        hostPort: {{ .Values.metrics.port }}
      {{- end }}
    {{- end }}
    startupProbe:
      httpGet: &livez
        host: {{ .Values.health.address }}
        path: /livez
        port: {{ .Values.health.port }}
      periodSeconds: 1
      failureThreshold: 30
    livenessProbe:
      httpGet: *livez
      periodSeconds: 10
      timeoutSeconds: 5
      failureThreshold: 3
    readinessProbe:
      httpGet:
        host: {{ .Values.health.address }}
        path: /readyz
        port: {{ .Values.health.port }}
      periodSeconds: 5
      timeoutSeconds: 5
    securityContext:
      runAsUser: {{ .Values.runAsUser }}
      runAsGroup: {{ .Values.runAsGroup }}
      runAsNonRoot: true
      allowPrivilegeEscalation: false
      readOnlyRootFilesystem: true
      capabilities:
        drop: [ALL]
    resources:
      {{- toYaml .Values.resources | nindent 6 }}
    volumeMounts:
      # The whole folder: a single file would not follow edits of the ConfigMap.
      - name: config
        mountPath: /etc/arngate
        readOnly: true
      - name: state
        mountPath: /var/lib/arngate
      # Written by `arngate cert rotate`.
      - name: kubeconfig
        mountPath: /etc/kubernetes/arngate
      {{- with .Values.extraVolumeMounts }}
      {{- toYaml . | nindent 6 }}
      {{- end }}
volumes:
  - name: config
    {{- if $static }}
    hostPath:
      path: {{ .Values.hostPaths.config }}
      type: Directory
    {{- else }}
    configMap:
      name: {{ .Values.existingConfigMap | default (include "arngate.fullname" .) }}
    {{- end }}
  - name: state
    hostPath:
      path: {{ .Values.hostPaths.state }}
      type: DirectoryOrCreate
  - name: kubeconfig
    hostPath:
      path: {{ .Values.hostPaths.kubeconfig }}
      type: DirectoryOrCreate
  {{- with .Values.extraVolumes }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end }}
