namespace HaGrpc.Ctl.Output;

internal sealed record ControlPlanesJson(IReadOnlyList<ControlPlaneJson> ControlPlanes);

internal sealed record ControlPlaneJson(
    string Endpoint,
    string Role,
    long? Term,
    string? Since,
    string? LeaderAddress,
    string? LeaderId,
    string? Id,
    string? Version,
    bool? DatabaseOk,
    string? DatabaseDetail,
    string Detail);
