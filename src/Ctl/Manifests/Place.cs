namespace HaGrpc.Ctl.Manifests;

/// <summary>Where something stands in a manifest.</summary>
/// <param name="File">The file as the operator named it; <c>stdin</c> for standard input.</param>
/// <param name="Line">From 1; 0 when the whole file is meant.</param>
/// <param name="Field">As written there: <c>groups[0].programs[2].command</c>, counted within its document.</param>
internal sealed record Place(string File, int Line, string Field);
