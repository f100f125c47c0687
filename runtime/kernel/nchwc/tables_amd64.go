//go:build amd64 && !purego

package nchwc

// The kernels by stride along a row, blocks of output channels, and pixels.

var denseAVX512 = [2][2][pixels512]kernel{
	{
		{dense1x1s1AVX512, dense2x1s1AVX512, dense3x1s1AVX512, dense4x1s1AVX512, dense5x1s1AVX512, dense6x1s1AVX512, dense7x1s1AVX512, dense8x1s1AVX512, dense9x1s1AVX512, dense10x1s1AVX512, dense11x1s1AVX512, dense12x1s1AVX512},
		{dense1x2s1AVX512, dense2x2s1AVX512, dense3x2s1AVX512, dense4x2s1AVX512, dense5x2s1AVX512, dense6x2s1AVX512, dense7x2s1AVX512, dense8x2s1AVX512, dense9x2s1AVX512, dense10x2s1AVX512, dense11x2s1AVX512, dense12x2s1AVX512},
	},
	{
		{dense1x1s2AVX512, dense2x1s2AVX512, dense3x1s2AVX512, dense4x1s2AVX512, dense5x1s2AVX512, dense6x1s2AVX512, dense7x1s2AVX512, dense8x1s2AVX512, dense9x1s2AVX512, dense10x1s2AVX512, dense11x1s2AVX512, dense12x1s2AVX512},
		{dense1x2s2AVX512, dense2x2s2AVX512, dense3x2s2AVX512, dense4x2s2AVX512, dense5x2s2AVX512, dense6x2s2AVX512, dense7x2s2AVX512, dense8x2s2AVX512, dense9x2s2AVX512, dense10x2s2AVX512, dense11x2s2AVX512, dense12x2s2AVX512},
	},
}

var stemAVX512 = [2][2][pixels512]kernel{
	{
		{stem1x1s1AVX512, stem2x1s1AVX512, stem3x1s1AVX512, stem4x1s1AVX512, stem5x1s1AVX512, stem6x1s1AVX512, stem7x1s1AVX512, stem8x1s1AVX512, stem9x1s1AVX512, stem10x1s1AVX512, stem11x1s1AVX512, stem12x1s1AVX512},
		{stem1x2s1AVX512, stem2x2s1AVX512, stem3x2s1AVX512, stem4x2s1AVX512, stem5x2s1AVX512, stem6x2s1AVX512, stem7x2s1AVX512, stem8x2s1AVX512, stem9x2s1AVX512, stem10x2s1AVX512, stem11x2s1AVX512, stem12x2s1AVX512},
	},
	{
		{stem1x1s2AVX512, stem2x1s2AVX512, stem3x1s2AVX512, stem4x1s2AVX512, stem5x1s2AVX512, stem6x1s2AVX512, stem7x1s2AVX512, stem8x1s2AVX512, stem9x1s2AVX512, stem10x1s2AVX512, stem11x1s2AVX512, stem12x1s2AVX512},
		{stem1x2s2AVX512, stem2x2s2AVX512, stem3x2s2AVX512, stem4x2s2AVX512, stem5x2s2AVX512, stem6x2s2AVX512, stem7x2s2AVX512, stem8x2s2AVX512, stem9x2s2AVX512, stem10x2s2AVX512, stem11x2s2AVX512, stem12x2s2AVX512},
	},
}

var depthwiseAVX512 = [2][pixels512]kernel{
	{depthwise1s1AVX512, depthwise2s1AVX512, depthwise3s1AVX512, depthwise4s1AVX512, depthwise5s1AVX512, depthwise6s1AVX512, depthwise7s1AVX512, depthwise8s1AVX512, depthwise9s1AVX512, depthwise10s1AVX512, depthwise11s1AVX512, depthwise12s1AVX512},
	{depthwise1s2AVX512, depthwise2s2AVX512, depthwise3s2AVX512, depthwise4s2AVX512, depthwise5s2AVX512, depthwise6s2AVX512, depthwise7s2AVX512, depthwise8s2AVX512, depthwise9s2AVX512, depthwise10s2AVX512, depthwise11s2AVX512, depthwise12s2AVX512},
}

var maxPoolAVX512 = [2][pixels512]kernel{
	{maxPool1s1AVX512, maxPool2s1AVX512, maxPool3s1AVX512, maxPool4s1AVX512, maxPool5s1AVX512, maxPool6s1AVX512, maxPool7s1AVX512, maxPool8s1AVX512, maxPool9s1AVX512, maxPool10s1AVX512, maxPool11s1AVX512, maxPool12s1AVX512},
	{maxPool1s2AVX512, maxPool2s2AVX512, maxPool3s2AVX512, maxPool4s2AVX512, maxPool5s2AVX512, maxPool6s2AVX512, maxPool7s2AVX512, maxPool8s2AVX512, maxPool9s2AVX512, maxPool10s2AVX512, maxPool11s2AVX512, maxPool12s2AVX512},
}

var denseAVX2 = [2][pixels2]kernel{
	{dense1s1AVX2, dense2s1AVX2, dense3s1AVX2, dense4s1AVX2, dense5s1AVX2, dense6s1AVX2},
	{dense1s2AVX2, dense2s2AVX2, dense3s2AVX2, dense4s2AVX2, dense5s2AVX2, dense6s2AVX2},
}

var stemAVX2 = [2][pixels2]kernel{
	{stem1s1AVX2, stem2s1AVX2, stem3s1AVX2, stem4s1AVX2, stem5s1AVX2, stem6s1AVX2},
	{stem1s2AVX2, stem2s2AVX2, stem3s2AVX2, stem4s2AVX2, stem5s2AVX2, stem6s2AVX2},
}

var depthwiseAVX2 = [2][pixels2]kernel{
	{depthwise1s1AVX2, depthwise2s1AVX2, depthwise3s1AVX2, depthwise4s1AVX2, depthwise5s1AVX2, depthwise6s1AVX2},
	{depthwise1s2AVX2, depthwise2s2AVX2, depthwise3s2AVX2, depthwise4s2AVX2, depthwise5s2AVX2, depthwise6s2AVX2},
}

var maxPoolAVX2 = [2][pixels2]kernel{
	{maxPool1s1AVX2, maxPool2s1AVX2, maxPool3s1AVX2, maxPool4s1AVX2, maxPool5s1AVX2, maxPool6s1AVX2},
	{maxPool1s2AVX2, maxPool2s2AVX2, maxPool3s2AVX2, maxPool4s2AVX2, maxPool5s2AVX2, maxPool6s2AVX2},
}

var depthwise3AVX512 = [2][pixels512]kernel{
	{depthwise3x1s1AVX512, depthwise3x2s1AVX512, depthwise3x3s1AVX512, depthwise3x4s1AVX512, depthwise3x5s1AVX512, depthwise3x6s1AVX512, depthwise3x7s1AVX512, depthwise3x8s1AVX512, depthwise3x9s1AVX512, depthwise3x10s1AVX512, depthwise3x11s1AVX512, depthwise3x12s1AVX512},
	{depthwise3x1s2AVX512, depthwise3x2s2AVX512, depthwise3x3s2AVX512, depthwise3x4s2AVX512, depthwise3x5s2AVX512, depthwise3x6s2AVX512, depthwise3x7s2AVX512, depthwise3x8s2AVX512, depthwise3x9s2AVX512, depthwise3x10s2AVX512, depthwise3x11s2AVX512, depthwise3x12s2AVX512},
}

var depthwise3AVX2 = [2][pixels2]kernel{
	{depthwise3x1s1AVX2, depthwise3x2s1AVX2, depthwise3x3s1AVX2, depthwise3x4s1AVX2, depthwise3x5s1AVX2, depthwise3x6s1AVX2},
	{depthwise3x1s2AVX2, depthwise3x2s2AVX2, depthwise3x3s2AVX2, depthwise3x4s2AVX2, depthwise3x5s2AVX2, depthwise3x6s2AVX2},
}
