//go:build tools

// Package tools pins the programs that look at the chart: helm renders it, kubeconform checks what comes out.
package tools

import (
	_ "github.com/yannh/kubeconform/cmd/kubeconform"
	_ "helm.sh/helm/v3/cmd/helm"
)
