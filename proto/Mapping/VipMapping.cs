using Model = HaGrpc.Core.Model;

namespace HaGrpc.Contracts;

/// <summary>A virtual IP on the wire and in the model.</summary>
public static class VipMapping
{
    /// <summary>The message of a virtual IP.</summary>
    public static V1.Vip ToProto(this Model.Vip vip) =>
        new() { Address = vip.Address, Interface = vip.Interface, Label = vip.Label, Script = vip.Script };

    /// <summary>The virtual IP of a message; nothing is validated here.</summary>
    public static Model.Vip ToModel(this V1.Vip vip) => new(vip.Address, vip.Interface, vip.Label, vip.Script);
}
