using System.Globalization;
using System.Net;
using HaGrpc.ControlPlane.Configuration;
using HaGrpc.ControlPlane.Listeners;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Options;

namespace HaGrpc.ControlPlane.Leader;

/// <summary>Under which URL agents and hactl reach this process, as the leadership row tells others.</summary>
internal sealed class OwnAddress(IOptions<ControlPlaneOptions> options, IServer server)
{
    /// <summary>What the operator has said; else the listener's address, with the machine's name where it listens on all of
    /// them. To be asked when the listeners are open: the kernel may have chosen the port.</summary>
    public string Url
    {
        get
        {
            var settings = options.Value;
            if (settings.Listen.Advertise.Length > 0)
                return new Uri(settings.Listen.Advertise).GetLeftPart(UriPartial.Authority);
            var listen = ListenAddress.Parse(settings.Listen.Grpc);
            // Kestrel lists its listeners in the order in which they were added: gRPC first.
            var port = listen.Port != 0 ? listen.Port
                : server.Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault() is { } bound ? new Uri(bound).Port : 0;
            var host = listen.Address.Equals(IPAddress.Any) || listen.Address.Equals(IPAddress.IPv6Any) ? Environment.MachineName
                : new IPEndPoint(listen.Address, 0).ToString()[..^2];
            return string.Create(CultureInfo.InvariantCulture, $"{(settings.Tls.Certificate.Length > 0 ? "https" : "http")}://{host}:{port}");
        }
    }
}
